using System.Collections.Immutable;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Mounts;

/// <summary>Mounts whose file system is in the guest's kernel: 9p and virtiofs.</summary>
internal static class KernelMount
{
    // The exit status says that the kernel lacks the file system: its own message depends on who wrote `mount`.
    private const int Lacking = 95;

    private const string Script = """
        set -u
        type=$1 options=$2 source=$3 point=$4
        shift 4
        for module in "$@"; do modprobe -q "$module" 2>/dev/null; done
        while read -r first second _; do
          if [ "${second:-$first}" = "$type" ]; then
            mkdir -p "$point" || exit 1
            exec mount -t "$type" -o "$options" "$source" "$point"
          fi
        done </proc/filesystems
        exit 95
        """;

    /// <summary>Mounts it. False, with the reason, when the guest's kernel refused; trying again may help.</summary>
    /// <exception cref="DriverException">The guest's kernel lacks the file system, or there is no session any more.</exception>
    public static async Task<string?> TryAsync(ISshSession session, KernelMountOrder order, CancellationToken cancel)
    {
        var result = await GuestShell.RootAsync(session, Script, [order.FsType, order.Options, order.Tag, order.MountPoint, .. order.Modules], cancel);
        return result.ExitCode switch
        {
            0 => null,
            Lacking => throw MountErrors.CannotBe(
                $"the guest's kernel has no {order.FsType}", "take another way with `mountType`, for example `mountType: reverse-sshfs`"),
            _ => GuestShell.Reason(result),
        };
    }
}

/// <summary>What to mount.</summary>
/// <param name="FsType">File system.</param>
/// <param name="Options">Options, joined by commas.</param>
/// <param name="Tag">The device's name in the guest.</param>
/// <param name="MountPoint">Where.</param>
/// <param name="Modules">Modules of the kernel that may have to be loaded first.</param>
internal sealed record KernelMountOrder(string FsType, string Options, string Tag, string MountPoint, ImmutableArray<string> Modules);
