using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.PortForwarding;

namespace Lima.Actors.PortForwarding;

/// <summary>What became of one forward that was to be opened.</summary>
internal sealed record Opened(Forward Forward, IOpenForward? Handle, VmCause? Problem);

/// <summary>The forwards of one VM that are, and those that could not be.</summary>
internal sealed class ForwardTable
{
    private readonly Dictionary<Forward, Opened> _all = [];

    /// <summary>All that was tried, whether or not it is in effect.</summary>
    public IReadOnlyCollection<Forward> Tried => _all.Keys;

    public IEnumerable<Opened> All => _all.Values;

    public bool AnyFailed => _all.Values.Any(o => o.Handle is null);

    public IOpenForward? HandleOf(Forward forward) => _all.GetValueOrDefault(forward)?.Handle;

    /// <summary>Lets what failed be tried again.</summary>
    public void ForgetFailed() => Forget(o => o.Handle is null);

    /// <summary>Lets what listened in the guest be made again: it ended with the connection that it came over.</summary>
    public void ForgetReverse() => Forget(o => o.Forward.Reverse);

    public void Set(Opened opened) => _all[opened.Forward] = opened;

    public void Remove(Forward forward) => _all.Remove(forward);

    /// <summary>For readers, in the order of the plan.</summary>
    public ImmutableArray<PortForwardStatus> Status(ForwardPlan plan) =>
    [
        .. plan.Forwards.Select(f => _all.GetValueOrDefault(f)).OfType<Opened>().Select(o => new PortForwardStatus(o.Forward, o.Handle?.Path ?? "", o.Problem)),
        .. plan.Crowded.Select(c => new PortForwardStatus(c.Left, "", Taken(c.Left, c.Taker))),
    ];

    /// <summary>Does the steps, one after the other; a failure of one is its outcome and does not keep the others.</summary>
    public static async Task<ImmutableArray<Opened>> ApplyAsync(
        IGuestPorts ports, ImmutableArray<(ForwardChange Change, IOpenForward? Handle)> steps, CancellationToken cancel)
    {
        var outcomes = ImmutableArray.CreateBuilder<Opened>();
        foreach (var (change, handle) in steps)
        {
            if (change is ForwardChange.Open open) outcomes.Add(await OpenAsync(ports, open.Forward, cancel));
            else if (change is ForwardChange.Redirect redirect && handle?.Redirect(redirect.To.Guest) != false) continue;
            else if (handle is not null) await handle.DisposeAsync();
            if (change is ForwardChange.Redirect(_, var to)) outcomes.Add(await OpenAsync(ports, to, cancel));
        }

        return outcomes.ToImmutable();
    }

    private static async Task<Opened> OpenAsync(IGuestPorts ports, Forward forward, CancellationToken cancel)
    {
        try
        {
            var handle = await ports.OpenAsync(forward, cancel);
            var warning = handle.Warning.Length == 0 ? null : new VmCause(VmCauses.PortForwards, "forwarding a port", handle.Warning);
            return new Opened(forward, handle, warning);
        }
        catch (DriverException e)
        {
            return new Opened(forward, null, e.Cause);
        }
    }

    private void Forget(Func<Opened, bool> which)
    {
        foreach (var forward in _all.Values.Where(which).Select(o => o.Forward).ToList()) _all.Remove(forward);
    }

    private static VmCause Taken(Forward left, Forward taker) => new(
        "port-in-use", "forwarding a port", $"{left.Host} is taken by the forward of {taker.Guest}", "give one of them another `hostPort`");
}
