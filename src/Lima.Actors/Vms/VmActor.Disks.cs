using Akka.Actor;
using Lima.Actors.Disks;
using Lima.Domain.Disks;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Vms;

/// <content>Disks: changes while the VM runs, and giving back free space.</content>
public sealed partial class VmActor
{
    private const string PowerDownTimer = "power-down";
    private static readonly TimeSpan TrimLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TrimGrace = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the power button waits until the guest has given back free space.</summary>
    private bool _pressLater;
    private DateTimeOffset _trimTried = DateTimeOffset.MinValue;

    private void ChangeDisk(VmEffect.ChangeDisk effect)
    {
        var disks = _children.Disks;
        disks.Tell(effect);
        disks.Tell(new DiskProtocol.SessionIs(_sshUp?.Connection));
        if (_state.Process is null) disks.Tell(new DiskProtocol.MachineIs(null));
        else _children.Qemu.Tell(DiskProtocol.WhichMachine.Instance, disks);
    }

    /// <summary>
    /// What the guest gives back on its way down is free until it runs again. It has little time for that; the rest is done when
    /// it stops again, or while it runs.
    /// </summary>
    private void PowerDown(VmEffect.PowerDown effect)
    {
        var limit = _services.Settings.TrimOnStop;
        if (limit <= TimeSpan.Zero || _state is not { Phase: VmPhase.Running, Intent: VmIntent.Stopping } || _sshUp?.Connection is not { } session)
        {
            _children.Qemu.Tell(effect);
            return;
        }

        _pressLater = true;
        Timers.StartSingleTimer(PowerDownTimer, DiskProtocol.TrimOver.Instance, limit + TrimGrace);
        Trim(session, limit);
    }

    private void OnTrimmed(DiskProtocol.Trimmed trimmed)
    {
        if (trimmed.Bytes is { } bytes) OnReport(new VmReports.Trimmed(bytes));
        OnTrimOver();
    }

    private void OnTrimOver()
    {
        if (!_pressLater) return;
        _pressLater = false;
        Timers.Cancel(PowerDownTimer);
        if (_state is { Process: not null, Intent: VmIntent.Stopping or VmIntent.Restarting }) _children.Qemu.Tell(new VmEffect.PowerDown());
    }

    private void TrimIfDue()
    {
        if (_sshUp?.Connection is not { } session || !TrimRules.IsDue(_state, _trimTried, Now, _services.Settings.TrimInterval)) return;
        _trimTried = Now;
        Trim(session, TrimLimit);
    }

    private void Trim(ISshSession session, TimeSpan limit) => _children.Disks.Tell(new DiskProtocol.Trim(session, limit));
}
