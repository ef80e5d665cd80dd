using System.Collections.Immutable;

namespace Lima.Domain.Specs;

/// <summary>How directories of the host reach the guest; Lima's words are <c>reverse-sshfs</c>, <c>9p</c>, <c>virtiofs</c>.</summary>
public enum MountType
{
    /// <summary>SFTP over SSH from the guest to the host.</summary>
    ReverseSshfs,

    /// <summary>Plan 9's protocol on a virtio device.</summary>
    NineP,

    /// <summary>A daemon for each directory, with shared memory.</summary>
    Virtiofs,

    /// <summary>What Windows does by itself; only there.</summary>
    Wsl2,
}

/// <summary>Every directory of the host that the guest is to see, and the way there.</summary>
public sealed record MountsSpec
{
    /// <summary>The way that all of them take.</summary>
    public MountType Type { get; init; } = MountType.NineP;

    /// <summary>Whether the user named that way; else a faster one may be taken where it is there.</summary>
    public bool IsChosen { get; init; }

    /// <summary>Ways that the guest is known not to have.</summary>
    public ImmutableArray<MountType> Unsupported { get; init; } = [];

    /// <summary>The directories, each under another <see cref="MountSpec.MountPoint"/>.</summary>
    public ImmutableArray<MountSpec> Directories { get; init; } = [];

    /// <summary>Tell the guest of changes that the host makes.</summary>
    public bool Inotify { get; init; }
}

/// <summary>One directory of the host in the guest.</summary>
/// <param name="Location">Absolute path on the host.</param>
/// <param name="MountPoint">Absolute path in the guest.</param>
/// <param name="Writable">Whether the guest may write.</param>
public sealed record MountSpec(string Location, string MountPoint, bool Writable)
{
    /// <summary>What holds when the type is <see cref="MountType.ReverseSshfs"/>.</summary>
    public SshfsSpec Sshfs { get; init; } = new();

    /// <summary>What holds when the type is <see cref="MountType.NineP"/>.</summary>
    public NinePSpec NineP { get; init; } = new();

    /// <summary>Length of the queue of a <see cref="MountType.Virtiofs"/> device, in requests.</summary>
    public int VirtiofsQueueSize { get; init; } = 1024;
}

/// <summary>Options of sshfs.</summary>
public sealed record SshfsSpec
{
    /// <summary>Whether the guest may remember what it read.</summary>
    public bool Cache { get; init; } = true;

    /// <summary>Whether links are followed on the host.</summary>
    public bool FollowSymlinks { get; init; }

    /// <summary>Who answers: <c>builtin</c>, <c>openssh-sftp-server</c>, or empty for whichever is there.</summary>
    public string SftpDriver { get; init; } = "";
}

/// <summary>Options of 9p.</summary>
public sealed record NinePSpec
{
    /// <summary>QEMU's word for whom files belong to (<c>none</c>, <c>mapped-xattr</c>, …).</summary>
    public string SecurityModel { get; init; } = "none";

    /// <summary>Dialect that the guest speaks.</summary>
    public string ProtocolVersion { get; init; } = "9p2000.L";

    /// <summary>Largest message in bytes.</summary>
    public long MsizeBytes { get; init; } = 128 << 10;

    /// <summary>The guest's cache: <c>fscache</c> unless writable, else <c>mmap</c>, or what the user chose.</summary>
    public string Cache { get; init; } = "fscache";
}
