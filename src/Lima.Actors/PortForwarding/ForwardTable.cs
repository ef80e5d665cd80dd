using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.PortForwarding;

namespace Lima.Actors.PortForwarding;

/// <summary>What became of one forward that was to be opened.</summary>
/// <param name="Forward">What was wanted.</param>
/// <param name="Handle">What is in effect; null when nothing is.</param>
/// <param name="Problem">Why nothing is, or what is not as wanted; null when all is well.</param>
internal sealed record Opened(Forward Forward, IOpenForward? Handle, VmCause? Problem)
{
    /// <summary>The end at the host that it has: another port than the wanted one where that was taken and another does as well.</summary>
    public ForwardEnd Host { get; init; } = Forward.Host;
}

/// <summary>The forwards of one VM that are, and those that could not be.</summary>
internal sealed class ForwardTable
{
    private const string Step = "forwarding a port";
    private readonly Dictionary<Forward, Opened> _all = [];

    /// <summary>All that was tried, whether or not it is in effect.</summary>
    public IReadOnlyCollection<Forward> Tried => _all.Keys;

    public IEnumerable<Opened> All => _all.Values;

    public bool AnyFailed => _all.Values.Any(o => o.Handle is null);

    public Opened? Of(Forward forward) => _all.GetValueOrDefault(forward);

    public IOpenForward? HandleOf(Forward forward) => Of(forward)?.Handle;

    /// <summary>Where else it is reached although its end of the host is taken: on the VM's own address. Null when it is not.</summary>
    public ForwardEnd? Elsewhere(Opened failed) => failed is { Handle: null, Forward: { IsOwn: false, Reverse: false, Guest.IsSocket: false } }
        ? _all.Values.FirstOrDefault(o => o is { Handle: not null, Forward.IsOwn: true }
            && o.Forward.Protocol == failed.Forward.Protocol && o.Forward.Guest == failed.Forward.Guest)?.Host
        : null;

    /// <summary>Lets what failed be tried again.</summary>
    public void ForgetFailed() => Forget(o => o.Handle is null);

    /// <summary>Lets what listened in the guest be made again: it ended with the connection that it came over.</summary>
    public void ForgetReverse() => Forget(o => o.Forward.Reverse);

    public void Set(Opened opened) => _all[opened.Forward] = opened;

    public void Remove(Forward forward) => _all.Remove(forward);

    /// <summary>For readers, in the order of the plan.</summary>
    public ImmutableArray<PortForwardStatus> Status(ForwardPlan plan) =>
    [
        .. plan.Forwards.Select(f => _all.GetValueOrDefault(f)).OfType<Opened>().Select(o => new PortForwardStatus(o.Forward, o.Handle, o.Problem)
        {
            Host = o.Host, Rule = plan.Rules.GetValueOrDefault(o.Forward), Elsewhere = Elsewhere(o),
        }),
        .. plan.Crowded.Select(c => new PortForwardStatus(c.Left, null, Taken(c.Left, c.Taker))),
    ];

    /// <summary>Does the steps, one after the other; a failure of one is its outcome and does not keep the others.</summary>
    /// <param name="ports">Where they are done.</param>
    /// <param name="steps">The steps, each with what it is about where that is.</param>
    /// <param name="reserved">The ends of the host that forwards of this VM want.</param>
    /// <param name="cancel">Ends the work.</param>
    public static async Task<ImmutableArray<Opened>> ApplyAsync(
        IGuestPorts ports, ImmutableArray<(ForwardChange Change, IOpenForward? Handle)> steps, IReadOnlySet<ForwardEnd> reserved, CancellationToken cancel)
    {
        var outcomes = ImmutableArray.CreateBuilder<Opened>();
        foreach (var (change, handle) in steps)
        {
            if (change is ForwardChange.Open open) outcomes.Add(await OpenAsync(ports, open.Forward, reserved, cancel));
            else if (change is ForwardChange.Redirect redirect && handle?.Redirect(redirect.To.Guest) != false) continue;
            else if (handle is not null) await handle.DisposeAsync();
            if (change is ForwardChange.Redirect(_, var to)) outcomes.Add(await OpenAsync(ports, to, reserved, cancel));
        }

        return outcomes.ToImmutable();
    }

    private static async Task<Opened> OpenAsync(IGuestPorts ports, Forward forward, IReadOnlySet<ForwardEnd> reserved, CancellationToken cancel)
    {
        VmCause? first = null;
        foreach (var host in HostPortChoice.Of(forward, reserved))
        {
            try
            {
                var handle = await ports.OpenAsync(forward with { Host = host }, cancel);
                return new Opened(forward, handle, first is null ? Warning(handle) : Moved(first, host)) { Host = host };
            }
            catch (DriverException e)
            {
                first ??= e.Cause;
                if (e.Cause.Code is not ("port-in-use" or "port-privileged")) break;
            }
        }

        return new Opened(forward, null, first);
    }

    private void Forget(Func<Opened, bool> which)
    {
        foreach (var forward in _all.Values.Where(which).Select(o => o.Forward).ToList()) _all.Remove(forward);
    }

    private static VmCause? Warning(IOpenForward handle) => handle.Warning.Length == 0 ? null : new VmCause(VmCauses.PortForwards, Step, handle.Warning);

    private static VmCause Moved(VmCause why, ForwardEnd host) => new("port-moved", Step, $"{why.Message}; port {host.Port} is used instead");

    private static VmCause Taken(Forward left, Forward taker) => new(
        "port-in-use", Step, $"{left.Host} is taken by the forward of {taker.Guest}", "give one of them another `hostPort`");
}
