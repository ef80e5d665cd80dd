namespace Lima.Domain.Vms;

/// <summary>Where a VM is. Stopping, pausing and restarting are intents (<see cref="VmIntent"/>), not phases.</summary>
public enum VmPhase
{
    /// <summary>No QEMU process; can be started.</summary>
    Stopped,

    /// <summary>On its way up: preparing, or QEMU lives and the guest is not ready yet.</summary>
    Starting,

    /// <summary>The guest is up (perhaps degraded).</summary>
    Running,

    /// <summary>QEMU lives, its processors are halted.</summary>
    Paused,

    /// <summary>Something ended it or kept it from starting; the state says what.</summary>
    Error,
}

/// <summary>What a VM has been asked for and has not reached yet.</summary>
public enum VmIntent
{
    /// <summary>Nothing is pending.</summary>
    None,

    /// <summary>Shutting the guest down in good order.</summary>
    Stopping,

    /// <summary>Ending QEMU at once.</summary>
    Killing,

    /// <summary>Halting the processors.</summary>
    Pausing,

    /// <summary>Letting the processors run again.</summary>
    Resuming,

    /// <summary>Shutting down, then starting again.</summary>
    Restarting,

    /// <summary>Ending QEMU if it lives, then removing the instance.</summary>
    Deleting,

    /// <summary>Writing a new <c>lima.yaml</c>.</summary>
    Editing,

    /// <summary>Copying the instance under another name.</summary>
    Cloning,

    /// <summary>Giving the instance another name.</summary>
    Renaming,

    /// <summary>Ending QEMU if it lives, then removing everything but the configuration.</summary>
    Resetting,
}
