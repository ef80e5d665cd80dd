using System.Text;
using Lima.Domain.Specs;
using Lima.Drivers.CloudInit;

namespace Lima.Drivers.Mounts.Sshfs;

/// <summary>The command lines that the guest runs. Its login shell reads them first, whichever it is: one line, single quotes.</summary>
internal static class SshfsGuest
{
    /// <summary>Exit status of <see cref="Prepare"/>: the guest has no sshfs.</summary>
    public const int NoSshfs = 10;

    /// <summary>Exit status of <see cref="Prepare"/>: the guest's kernel has no FUSE.</summary>
    public const int NoFuse = 11;

    /// <summary>Word in the output of <see cref="Prepare"/>: sshfs 3, whose option against its cache has another name.</summary>
    public const string DirectoryCache = "dir_cache";

    // Root may do without asking, usually. A user without it can still mount in the own home, where FUSE allows that.
    private const string AsRoot = "S=\"sudo -n\"; $S true 2>/dev/null || S=; ";

    /// <summary>Sees to FUSE and to the mount point, which becomes the user's if it is made.</summary>
    public static string Prepare(MountSpec mount, UserSpec user) => Line(
        AsRoot
        + "command -v sshfs >/dev/null || exit 10; "
        + "grep -q \"fuse$\" /proc/filesystems || $S modprobe fuse; grep -q \"fuse$\" /proc/filesystems || exit 11; "
        + "[ -d \"$1\" ] || { $S mkdir -p -- \"$1\" && { $S chown \"$2\" -- \"$1\" || true; }; } || exit 12; "
        + "sshfs -h 2>&1 | grep -q dir_cache && echo dir_cache; exit 0",
        mount.MountPoint, user.Name);

    /// <summary>Runs sshfs on standard input and output; the mount lasts as long as it does.</summary>
    public static string Mount(MountSpec mount, bool hasDirectoryCache, bool nonEmpty) => Line(
        AsRoot + "exec $S sshfs \"$1\" \"$2\" -f -o \"$3\"",
        ":" + mount.Location, mount.MountPoint, Options(mount, hasDirectoryCache, nonEmpty));

    /// <summary>Waits until it stands in the mount table and answers; gives up, with status 1, after so many fifths of a second.</summary>
    public static string Confirm(MountSpec mount, int rounds) => Line(
        "n=0; until grep -F \" $1 \" /proc/self/mountinfo | grep -q \" - fuse.sshfs \" && [ -d \"$2/.\" ]; do "
        + "n=$((n+1)); [ $n -lt $3 ] || exit 1; sleep 0.2 2>/dev/null || sleep 1; done",
        Escaped(mount.MountPoint), mount.MountPoint, rounds.ToString());

    // Older ones know only `slave`; newer ones call it `passive` and still know it.
    private static string Options(MountSpec mount, bool hasDirectoryCache, bool nonEmpty)
    {
        List<string> options = ["slave", "allow_other", mount.Writable ? "rw" : "ro"];
        if (!mount.Sshfs.Cache) options.Add(hasDirectoryCache ? "dir_cache=no" : "cache=no");
        if (mount.Sshfs.FollowSymlinks) options.Add("follow_symlinks");
        if (nonEmpty) options.Add("nonempty");
        return string.Join(',', options);
    }

    /// <summary>As the kernel writes it into the mount table.</summary>
    private static string Escaped(string path)
    {
        var text = new StringBuilder();
        foreach (var letter in path) text.Append(letter is ' ' or '\t' or '\n' or '\\' ? $"\\{Convert.ToString(letter, 8).PadLeft(3, '0')}" : letter);
        return text.ToString();
    }

    private static string Line(string script, params ReadOnlySpan<string> words)
    {
        var line = new StringBuilder($"exec sh -c '{script}' sh");
        foreach (var word in words) line.Append(' ').Append(ShellText.Quote(word));
        return line.ToString();
    }
}
