using Akka.Actor;
using Lima.Actors.Mounts;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Actors.Vms;

/// <content>Directories of the host in the guest.</content>
public sealed partial class VmActor
{
    private readonly VmMounts _mounts = new();

    private void OnMounts(VmChildProtocol.MountsAre now)
    {
        if (!Sender.Equals(_children.Mounts)) return;
        if (_mounts.Take(now)) Context.Parent.Tell(new VmProtocol.Changed(View, IsCertain: !_verifying));
        if (now.Problem is null) OnReport(new VmReports.Healed(VmCauses.Mounts));
        else if (_state.Intent == VmIntent.None) OnReport(new VmReports.Degraded(now.Problem));
        if (_mounts.Release() is { } held) OnReport(held);
    }

    private void ChangeMounts() => _children.Mounts?.Tell(new MountProtocol.Change([.. _state.MountChanges.Values]));
}
