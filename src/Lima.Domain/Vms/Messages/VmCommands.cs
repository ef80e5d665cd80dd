using Lima.Domain.Disks;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Vms.Messages;

/// <summary>What a user wants of one VM. <see cref="CommandId"/> makes a repeated command harmless.</summary>
/// <param name="CommandId">Chosen by the client.</param>
public abstract record VmCommand(string CommandId)
{
    /// <summary>The word users type.</summary>
    public abstract string Verb { get; }
}

/// <summary>The commands there are. Each phase answers every one of them; a test enumerates phase × command.</summary>
public static class VmCommands
{
    /// <summary>Bring it up. From <see cref="VmPhase.Paused"/> this resumes.</summary>
    /// <param name="CommandId">Chosen by the client.</param>
    /// <param name="Timeout">How long the guest may take until it is ready.</param>
    public sealed record Start(string CommandId, TimeSpan Timeout) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "start";
    }

    /// <summary>Shut it down; with <paramref name="Force"/> end QEMU at once.</summary>
    public sealed record Stop(string CommandId, bool Force) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "stop";
    }

    /// <summary>Shut it down and start it again; a VM that does not run is started.</summary>
    public sealed record Restart(string CommandId, bool Force, TimeSpan Timeout) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "restart";
    }

    /// <summary>Halt the processors.</summary>
    public sealed record Pause(string CommandId) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "pause";
    }

    /// <summary>Let the processors run again.</summary>
    public sealed record Resume(string CommandId) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "resume";
    }

    /// <summary>Remove it with its disk; with <paramref name="Force"/> even while it runs.</summary>
    public sealed record Delete(string CommandId, bool Force) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "delete";
    }

    /// <summary>Give it another configuration. The text has been checked.</summary>
    /// <param name="CommandId">Chosen by the client.</param>
    /// <param name="Yaml">The whole new text of <c>lima.yaml</c>.</param>
    public sealed record Edit(string CommandId, string Yaml) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "edit";
    }

    /// <summary>Make a copy of it, with its disk.</summary>
    /// <param name="CommandId">Chosen by the client.</param>
    /// <param name="CloneId">Identity of the copy.</param>
    /// <param name="CloneName">Name of the copy.</param>
    public sealed record Clone(string CommandId, string CloneId, string CloneName) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "clone";
    }

    /// <summary>Call it otherwise; its identity stays.</summary>
    /// <param name="CommandId">Chosen by the client.</param>
    /// <param name="NewName">The other name.</param>
    public sealed record Rename(string CommandId, string NewName) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "rename";
    }

    /// <summary>Let the running guest see a directory of the host, for as long as it runs. The paths have been checked.</summary>
    /// <param name="CommandId">Chosen by the client.</param>
    /// <param name="Location">Absolute path on the host.</param>
    /// <param name="MountPoint">Absolute path in the guest.</param>
    /// <param name="Writable">Whether the guest may write.</param>
    public sealed record AddMount(string CommandId, string Location, string MountPoint, bool Writable) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "mount add";
    }

    /// <summary>Take a directory of the host away from the running guest.</summary>
    /// <param name="CommandId">Chosen by the client.</param>
    /// <param name="MountPoint">Where it is in the guest.</param>
    public sealed record RemoveMount(string CommandId, string MountPoint) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "mount remove";
    }

    /// <summary>Change the rules for forwards of the machine that lives now. They have been checked.</summary>
    /// <param name="CommandId">Chosen by the client.</param>
    /// <param name="Change">Rules that come and go.</param>
    /// <param name="Save">The configuration that says so too; null where the change ends with the machine.</param>
    public sealed record ChangeForwards(string CommandId, RuleChange Change, ConfigurationChange? Save) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "port";
    }

    /// <summary>Back to what it was before its first start: everything but the configuration is removed, even while it runs.</summary>
    public sealed record FactoryReset(string CommandId) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => "factory-reset";
    }

    /// <summary>Change its disks while it runs. The change has been checked.</summary>
    /// <param name="CommandId">Chosen by the client.</param>
    /// <param name="Change">What is to be done.</param>
    public sealed record ChangeDisk(string CommandId, DiskChange Change) : VmCommand(CommandId)
    {
        /// <inheritdoc/>
        public override string Verb => $"disk {Change.Action}";
    }
}
