using System.Collections.Immutable;
using Akka.Actor;
using Lima.Actors.Disks;
using Lima.Actors.Instances;
using Lima.Actors.Mounts;
using Lima.Actors.Names;
using Lima.Actors.PortForwarding;
using Lima.Actors.Qemu;
using Lima.Actors.Readiness;
using Lima.Actors.Ssh;
using Lima.Domain.Mounts;
using Lima.Domain.Vms;

namespace Lima.Actors.Vms;

/// <summary>What a VM and its children say to each other, besides effects and reports.</summary>
internal static class VmChildProtocol
{
    /// <summary>An authenticated session works; <paramref name="Session"/> runs commands over it.</summary>
    public sealed record SshUp(IActorRef Session)
    {
        /// <summary>The session itself, for those who need more than commands.</summary>
        public Drivers.Ssh.ISshSession? Connection { get; init; }
    }

    /// <summary>How the mounts are now; <paramref name="Problem"/> says what is wrong with them, if anything.</summary>
    public sealed record MountsAre(ImmutableArray<MountStatus> Mounts, VmCause? Problem);

    /// <summary>The session is gone.</summary>
    public sealed record SshDown(VmCause Cause);

    /// <summary>How the forwards are as a whole; <paramref name="Problem"/> is null when all is well.</summary>
    public sealed record ForwardsAre(VmCause? Problem);

    /// <summary>Whether the host looks up names for the guest; <paramref name="Problem"/> is null when it does.</summary>
    public sealed record NamesAre(VmCause? Problem);
    /// <summary>The processors go on after a pause, in which the guest's clock stood still.</summary>
    public sealed record GuestResumed;

    /// <summary>A readiness actor asks for the session; answered with <see cref="SshUp"/> if there is one.</summary>
    public sealed record WhichSession;

    /// <summary>Time for SSH: the guest says that its server can be reached (<paramref name="IsReachable"/>), or cannot be counted on to say so.</summary>
    public sealed record TrySsh(bool IsReachable);

    /// <summary>The boot of that attempt may go on.</summary>
    public sealed record BootAdmitted(int Attempt);

    /// <summary>A child ended although nobody wanted it to: its restart budget is used up.</summary>
    public sealed record ChildGone(string Role, IActorRef Child);

    /// <summary>Time to try again with a child that was given up.</summary>
    public sealed record RetryChild(string Role);
}

/// <summary>
/// The children of one VM, made when they are needed. A child's name ends in a number, because the name of one that is
/// still stopping cannot be used again.
/// </summary>
internal sealed class VmChildren(IActorContext context, VmId id, VmServices services, Func<string> name)
{
    public const string QemuRole = "qemu";
    public const string SshRole = "ssh";
    public const string ReadinessRole = "boot";
    public const string PortsRole = "ports";
    public const string FilesRole = "files";
    public const string MountsRole = "mounts";
    public const string DisksRole = "disks";
    public const string NamesRole = "names";

    private readonly Dictionary<string, IActorRef> _children = [];
    private int _made;

    /// <summary>QEMU's keeper, made at first use.</summary>
    public IActorRef Qemu => Get(QemuRole) ?? Start(QemuRole, QemuProcessActor.Props(id, VmName.Parse(name()), services));

    /// <summary>Works on the files while there is no QEMU; made at first use.</summary>
    public IActorRef Files => Get(FilesRole) ?? Start(FilesRole, InstanceFilesActor.Props(id, VmName.Parse(name()), services));

    /// <summary>Works on the disks while there is a QEMU; made at first use.</summary>
    public IActorRef Disks => Get(DisksRole) ?? Start(DisksRole, DisksActor.Props(id, VmName.Parse(name()), services));

    public IActorRef? Readiness => Get(ReadinessRole);

    public IActorRef? Ssh => Get(SshRole);

    /// <summary>Makes the keeper of the session; <paramref name="isReachable"/>: the guest says that its server is there.</summary>
    public void StartSsh(int port, bool isReachable = false)
    {
        if (Get(SshRole) is not { } ssh) Start(SshRole, SshSessionActor.Props(id, VmName.Parse(name()), port, services, isReachable));
        else if (isReachable) ssh.Tell(SshProtocol.Reachable.Instance);
    }

    public void StopSsh() => Stop(SshRole);

    /// <summary>Makes the keeper of the forwards, unless there is one.</summary>
    public void StartPorts(int sshPort)
    {
        if (Get(PortsRole) is null) Start(PortsRole, PortForwardWatcherActor.Props(id, VmName.Parse(name()), sshPort, services));
    }

    /// <summary>The keeper of the forwards, while there is one.</summary>
    public IActorRef? Ports => Get(PortsRole);

    public void StopPorts() => Stop(PortsRole);

    /// <summary>Makes the keeper of the guest's name server, unless there is one.</summary>
    public void StartNames()
    {
        if (Get(NamesRole) is null) Start(NamesRole, NamesActor.Props(id, VmName.Parse(name()), services));
    }

    public void StopNames() => Stop(NamesRole);

    /// <summary>Makes the watcher of a boot, if there is none.</summary>
    /// <param name="state">What the VM needs, and has.</param>
    /// <param name="launched">When QEMU was launched, if that was now.</param>
    public void StartReadiness(VmState state, DateTimeOffset? launched = null)
    {
        if (Get(ReadinessRole) is null) Start(ReadinessRole, ReadinessActor.Props(id, VmName.Parse(name()), services, state, launched));
    }

    /// <summary>Tells the keeper of the mounts of the session, making it first.</summary>
    public void StartMounts(Drivers.Ssh.ISshSession? session, IEnumerable<MountChange> changes)
    {
        var mounts = Get(MountsRole) ?? Start(MountsRole, MountManagerActor.Props(id, VmName.Parse(name()), [.. changes], services));
        mounts.Tell(new MountProtocol.SessionIs(session));
    }

    /// <summary>The keeper of the mounts, while there is one.</summary>
    public IActorRef? Mounts => Get(MountsRole);

    public void StopMounts() => Stop(MountsRole);

    public void StopReadiness() => Stop(ReadinessRole);

    /// <summary>Lets go of everything; QEMU goes on.</summary>
    public void StopAll()
    {
        foreach (var role in _children.Keys.ToList()) Stop(role);
    }

    /// <param name="message">The question.</param>
    /// <param name="guestRuns">Whether the guest can be expected to answer.</param>
    public void CheckAlive(VmProtocol.CheckAlive message, bool guestRuns)
    {
        if (guestRuns) Get(PortsRole)?.Tell(message);
        Get(QemuRole)?.Tell(message);
        Get(SshRole)?.Tell(message);
    }

    /// <summary>Takes note of a child's end; false when it had been stopped on purpose.</summary>
    public bool Forget(VmChildProtocol.ChildGone gone)
    {
        if (!gone.Child.Equals(Get(gone.Role))) return false;
        _children.Remove(gone.Role);
        return true;
    }

    private IActorRef? Get(string role) => _children.GetValueOrDefault(role);

    private IActorRef Start(string role, Props props)
    {
        var child = context.ActorOf(props, _made == 0 ? role : $"{role}-{_made}");
        _made++;
        context.WatchWith(child, new VmChildProtocol.ChildGone(role, child));
        return _children[role] = child;
    }

    private void Stop(string role)
    {
        if (!_children.Remove(role, out var child)) return;
        context.Unwatch(child);
        context.Stop(child);
    }
}
