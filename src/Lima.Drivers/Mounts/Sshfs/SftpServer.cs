using Lima.Domain.Specs;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Mounts.Sshfs;

/// <summary>
/// OpenSSH's SFTP server for one directory. It would serve whatever the user may see, so, where the kernel can
/// (Linux 5.19 and later, or 5.13 for directories that are only read), it is confined to the directory; besides it opens what
/// a program needs to start, libraries and the list of users, and has no network. <see cref="SftpGate"/> holds in any case.
/// </summary>
internal static class SftpServer
{
    // Where distributions put it; it is not in PATH.
    private static readonly string[] Places =
    [
        "/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server", "/usr/lib/ssh/sftp-server",
        "/usr/lib/misc/sftp-server", "/usr/lib/sftp-server", "/run/current-system/sw/libexec/sftp-server", "/usr/local/libexec/sftp-server",
    ];

    private static readonly string[] Libraries =
        ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/nix/store", "/gnu/store"];

    private static readonly string[] Facts =
        ["/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/localtime", "/usr/share/zoneinfo", "/var/lib/sss/mc"];

    /// <summary>Path of the program; null when this machine has none.</summary>
    public static string? Find() => Places.Select(Programs.Find).FirstOrDefault(found => found is not null);

    /// <summary>Starts it.</summary>
    /// <exception cref="DriverException">There is none (<see cref="MountErrors.Unsupported"/>), or it cannot be started.</exception>
    public static PipedProcess Start(MountSpec mount)
    {
        var program = Find() ?? throw MountErrors.CannotBe(
            "the host has no `sftp-server`, which `reverse-sshfs` needs", "install OpenSSH's server package (openssh-sftp-server), or choose another `mountType`");
        using var rules = Confines(mount) ? Rules(program, mount) : null;
        return PipedProcess.Start(Spec(program, mount), rules);
    }

    /// <summary>What is run: errors to us and not to the system's log; the guest's modes as they are; and only reading where the mount says so.</summary>
    internal static ProcessSpec Spec(string program, MountSpec mount) => new(program, ["-e", "-u", "0", .. mount.Writable ? Array.Empty<string>() : ["-R"]]);

    /// <summary>
    /// Whether the server is confined. Version 1 would forbid renaming from one directory into another. Where links are to be
    /// followed and the guest can make none, they are the user's own, and lead where the user wants them to.
    /// </summary>
    internal static bool Confines(MountSpec mount) => Landlock.Version >= (mount.Writable ? 2 : 1) && !LinksAreTrusted(mount);

    /// <summary>Whether links of the directory may lead out of it.</summary>
    internal static bool LinksAreTrusted(MountSpec mount) => mount.Sshfs.FollowSymlinks && !mount.Writable;

    private static LandlockRules Rules(string program, MountSpec mount)
    {
        var rules = new LandlockRules();
        try
        {
            rules.Allow(program, LandlockRights.Execute | LandlockRights.ReadFile);
            foreach (var directory in Libraries) rules.Allow(directory, LandlockRights.Execute | LandlockRights.ReadFile);
            foreach (var file in Facts) rules.Allow(file, LandlockRights.ReadFile);
            rules.Allow("/dev/null", LandlockRights.ReadFile | LandlockRights.WriteFile);
            rules.Allow(mount.Location, mount.Writable ? LandlockRights.Change : LandlockRights.Read);
            return rules;
        }
        catch (DriverException)
        {
            rules.Dispose();
            throw;
        }
    }
}
