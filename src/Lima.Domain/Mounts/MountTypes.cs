using Lima.Domain.Specs;

namespace Lima.Domain.Mounts;

/// <summary>Lima's words for the ways of mounting, and which way is taken where the user left it open.</summary>
public static class MountTypes
{
    /// <summary>The word in <c>mountType</c>.</summary>
    public static string Word(MountType type) => type switch
    {
        MountType.NineP => "9p",
        MountType.Virtiofs => "virtiofs",
        MountType.Wsl2 => "wsl2",
        _ => "reverse-sshfs",
    };

    /// <summary>The way with that word; null for a word that is none.</summary>
    public static MountType? Parse(string word) => word switch
    {
        "9p" => MountType.NineP,
        "virtiofs" => MountType.Virtiofs,
        "wsl2" => MountType.Wsl2,
        "reverse-sshfs" => MountType.ReverseSshfs,
        _ => null,
    };

    /// <summary>
    /// The way that a machine is launched with. What the user wrote is taken. Else the fastest that is there: virtiofs where
    /// this workstation can serve every mount with it and the guest is not known to lack it, then what Lima would take.
    /// </summary>
    /// <param name="mounts">What the configuration says.</param>
    /// <param name="canServe">Whether virtiofs can serve a mount here.</param>
    public static MountType AtLaunch(MountsSpec mounts, Func<MountSpec, bool> canServe)
    {
        var isOpen = !mounts.IsChosen && !mounts.Directories.IsEmpty && !mounts.Unsupported.Contains(MountType.Virtiofs);
        return isOpen && mounts.Directories.All(canServe) ? MountType.Virtiofs : mounts.Type;
    }
}
