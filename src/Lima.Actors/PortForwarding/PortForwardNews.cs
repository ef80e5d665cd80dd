using System.Collections.Immutable;
using Akka.Event;
using Lima.Domain.PortForwarding;
using Lima.Domain.Vms;

namespace Lima.Actors.PortForwarding;

/// <summary>What happens to forwards, in the words of events.</summary>
public static class PortForwardEvents
{
    /// <summary>It is in effect.</summary>
    public const string Forwarding = "forwarding";
    /// <summary>Something listens that no rule forwards, or that is reached on the VM's own address only.</summary>
    public const string NotForwarding = "not-forwarding";
    /// <summary>It has ended.</summary>
    public const string Stopped = "stopped";
    /// <summary>It could not be brought into effect; it is tried again.</summary>
    public const string Failed = "failed";
}

/// <summary>Published on the event stream: something has happened to a forward; not stored.</summary>
/// <param name="Id">Identity of the VM.</param>
/// <param name="Name">Its name.</param>
/// <param name="At">When.</param>
/// <param name="Type">One of <see cref="PortForwardEvents"/>.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="GuestAddress">The end in the guest.</param>
/// <param name="HostAddress">The end at the host; empty when there is none.</param>
/// <param name="Error">Why it failed; empty otherwise.</param>
public sealed record PortForwardNews(
    VmId Id, string Name, DateTimeOffset At, string Type, string Protocol, string GuestAddress, string HostAddress, string Error);

/// <summary>Tells the news of one VM's forwards, each once.</summary>
internal sealed class ForwardNews(VmId id, VmName name, EventStream stream, ILoggingAdapter log, TimeProvider time)
{
    private ImmutableHashSet<GuestListener> _notForwarded = [];
    private ImmutableHashSet<Forward> _failed = [];
    private bool _privilegeTold;

    /// <summary>It has ended.</summary>
    public void Stopped(Opened opened) => Tell(PortForwardEvents.Stopped, opened.Forward, opened.Host, "");

    /// <summary>It was tried. The same failure again is no news.</summary>
    /// <param name="opened">What became of it.</param>
    /// <param name="elsewhere">Where else it is reached; null when it is not.</param>
    public void Tried(Opened opened, ForwardEnd? elsewhere)
    {
        var forward = opened.Forward;
        if (opened.Handle is not null)
        {
            _failed = _failed.Remove(forward);
            Tell(PortForwardEvents.Forwarding, forward, opened.Host, "");
            if (opened.Problem is { } warning) log.Warning("{VmName}: {Reason}", name, warning.Message);
        }
        else if (!_failed.Contains(forward))
        {
            _failed = _failed.Add(forward);
            if (forward.IsOwn) TellOwn(opened.Problem!);
            else if (elsewhere is { } own) Tell(PortForwardEvents.NotForwarding, forward, forward.Host, $"{opened.Problem!.Message}; it is reached at {own}");
            else Tell(PortForwardEvents.Failed, forward, forward.Host, opened.Problem!.ToString());
        }
    }

    /// <summary>The forwards that are wanted now; failures of others are forgotten.</summary>
    public void Wanted(IEnumerable<Forward> forwards) => _failed = _failed.Intersect(forwards);

    /// <summary>What listens and is not forwarded.</summary>
    public void NotForwarded(ImmutableArray<GuestListener> listeners)
    {
        foreach (var listener in listeners.Where(l => !_notForwarded.Contains(l)))
        {
            log.Info("{VmName}: not forwarding {Listener}", name, listener);
            Publish(PortForwardEvents.NotForwarding, listener.Protocol, listener.End, "", "");
        }

        _notForwarded = [.. listeners];
    }

    /// <summary>That the own address lacks a port is seen in a list; that the host may not have ports of that kind at all is said once.</summary>
    private void TellOwn(VmCause problem)
    {
        if (problem.Code == "port-privileged" && _privilegeTold) return;
        _privilegeTold |= problem.Code == "port-privileged";
        log.Info("{VmName}: its own address lacks a port: {Problem}", name, problem);
    }

    private void Tell(string type, Forward forward, ForwardEnd host, string error)
    {
        log.Info("{VmName}: {Type} {Forward} {Error}", name, type, forward with { Host = host }, error);
        Publish(type, forward.Protocol, forward.Guest, host.ToString(), error);
    }

    private void Publish(string type, Domain.Specs.PortProtocol protocol, ForwardEnd guest, string host, string error) => stream.Publish(new PortForwardNews(
        id, name.Value, time.GetUtcNow(), type, protocol.ToString().ToLowerInvariant(), guest.ToString(), host, error));
}
