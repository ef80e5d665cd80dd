using Lima.Drivers.Hypervisors;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Disks;

/// <summary>What is said about disks between a VM and its children.</summary>
internal static class DiskProtocol
{
    /// <summary>Which machine is there? Answered with <see cref="MachineIs"/>.</summary>
    public sealed class WhichMachine
    {
        public static readonly WhichMachine Instance = new();
    }

    /// <summary>The disks of the machine; null when none runs.</summary>
    public sealed record MachineIs(IMachineDisks? Disks);

    /// <summary>The session with the guest; null when there is none.</summary>
    public sealed record SessionIs(ISshSession? Session);

    /// <summary>Have the guest give back free space; answered with <see cref="Trimmed"/>, whatever comes of it.</summary>
    public sealed record Trim(ISshSession Session, TimeSpan Limit);

    /// <summary>How much came back; null when it could not be done, or not in time.</summary>
    public sealed record Trimmed(long? Bytes);

    /// <summary>Guests on their way down have had time enough for giving back.</summary>
    public sealed class TrimOver
    {
        public static readonly TrimOver Instance = new();
    }
}
