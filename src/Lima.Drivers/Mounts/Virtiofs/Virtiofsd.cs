using Lima.Domain.Specs;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Mounts.Virtiofs;

/// <summary>The daemon that serves a directory to a device of a guest, as it is on this workstation.</summary>
/// <param name="Program">Absolute path.</param>
/// <param name="IsRust">The one that goes on being developed; it needs no privileges. The older one in C belongs to root.</param>
/// <param name="KnowsReadOnly">It can be told to serve for reading only.</param>
public sealed record Virtiofsd(string Program, bool IsRust, bool KnowsReadOnly)
{
    // Mounts the directory on itself for reading, where nobody else sees it, and becomes the daemon. The words come as arguments.
    private const string ReadOnlyView = "mount -o bind,ro \"$1\" \"$1\" && shift && exec \"$@\"";

    /// <summary>Whether this user can serve a mount with it, and a read-only one in a way that holds for the guest's root, too.</summary>
    public bool CanServe(MountSpec mount, bool isRoot) => (IsRust || isRoot) && (mount.Writable || KnowsReadOnly || isRoot);

    /// <summary>How to run it.</summary>
    public ProcessSpec Command(MountSpec mount, string socket, bool isRoot)
    {
        string[] arguments = IsRust
            ? [$"--socket-path={socket}", $"--shared-dir={mount.Location}", .. !mount.Writable && KnowsReadOnly ? (string[])["--readonly"] : []]
            // Attributes and locks as a local file system has them; the rest is its default.
            : [$"--socket-path={socket}", "-o", $"source={Option(mount.Location)}", "-o", "xattr", "-o", "log_level=warn"];
        return mount.Writable || KnowsReadOnly || !isRoot
            ? new ProcessSpec(Program, [.. arguments])
            : new ProcessSpec(
                "unshare", ["--mount", "--propagation", "private", "--", "/bin/sh", "-c", ReadOnlyView, "lima", mount.Location, Program, .. arguments]);
    }

    // In its list of options a comma ends a value, and a backslash takes away a meaning.
    private static string Option(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);
}
