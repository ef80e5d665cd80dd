using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Actors.Vms;

/// <summary>
/// What a VM's actor knows of its mounts. During a start the news that the boot scripts are done waits for the first look at
/// them, so that a VM that is told to be running has its directories.
/// </summary>
internal sealed class VmMounts
{
    private bool _seen;
    private VmReport? _held;

    /// <summary>How they were when last looked at.</summary>
    public ImmutableArray<MountStatus> Mounts { get; private set; } = [];

    /// <summary>A new machine is made: nothing is known.</summary>
    public void Forget()
    {
        Mounts = [];
        _seen = false;
        _held = null;
    }

    /// <summary>True when the report has to wait; <see cref="Release"/> gives it back.</summary>
    public bool HoldsBack(VmReport report, VmState state)
    {
        if (_seen || state.Phase != VmPhase.Starting || report is not VmReports.RequirementMet { Requirement: Domain.Vms.Readiness.BootScripts }) return false;
        _held = report;
        return true;
    }

    /// <summary>Takes note of how they are; true when that is new.</summary>
    public bool Take(VmChildProtocol.MountsAre now)
    {
        var isNew = !Mounts.SequenceEqual(now.Mounts);
        Mounts = now.Mounts;
        return isNew;
    }

    /// <summary>They have been looked at, or cannot be: nothing waits for them any more.</summary>
    public VmReport? Release()
    {
        _seen = true;
        var held = _held;
        _held = null;
        return held;
    }
}
