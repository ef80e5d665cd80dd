using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Domain.Vms;

/// <summary>Something that must hold before a VM counts as running without reservation.</summary>
/// <param name="Name">Stable word; one of <see cref="Readiness"/>'s, or <c>probe-N</c>.</param>
/// <param name="Description">What is waited for, for people.</param>
/// <param name="Hint">What to look at when it does not come true.</param>
public sealed record Requirement(string Name, string Description, string Hint = "");

/// <summary>What must hold before a VM counts as running, in Lima's classes: essential, optional, final.</summary>
public static class Readiness
{
    /// <summary>An authenticated SSH session works.</summary>
    public const string Ssh = "ssh";

    /// <summary>A login has its final environment.</summary>
    public const string UserSession = "user-session";

    /// <summary><c>sshfs</c> is there, which directories of the host need.</summary>
    public const string Sshfs = "sshfs";

    /// <summary>A mount of the user is seen by others too.</summary>
    public const string Fuse = "fuse";

    /// <summary>systemd is there, which containerd needs.</summary>
    public const string Systemd = "systemd";

    /// <summary>containerd's programs are there.</summary>
    public const string Containerd = "containerd";

    /// <summary>The boot scripts have finished.</summary>
    public const string BootScripts = "boot-scripts";

    /// <summary>Files of the guest are on the host.</summary>
    public const string CopyToHost = "copy-to-host";

    /// <summary>Playbooks have been played.</summary>
    public const string Ansible = "ansible";

    private const string ProbePrefix = "probe-";
    private const int TextMax = 300;

    /// <summary>Those of every guest, and of boots whose events name none.</summary>
    public static readonly ImmutableArray<Requirement> Usual =
    [
        new(Ssh, "ssh", "see serial.log in the instance directory"),
        new(BootScripts, "boot scripts must have finished", "see /var/log/lima-boot.log in the guest"),
    ];

    /// <summary>What the boot scripts themselves say of, in their order.</summary>
    public static readonly ImmutableArray<string> OfBootScripts = [UserSession, Sshfs, Fuse, Systemd, Containerd];

    /// <summary>Name of the n-th probe, counted from 0.</summary>
    public static string Probe(int index) => $"{ProbePrefix}{index}";

    /// <summary>Which probe a requirement is, counted from 0; null when it is none.</summary>
    public static int? ProbeIndex(string name) =>
        name.StartsWith(ProbePrefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(ProbePrefix.Length), out var index) ? index : null;

    /// <summary>What an instance needs, in the order in which it is usually met.</summary>
    /// <param name="spec">The instance.</param>
    /// <param name="bringsContainerd">Whether the boot scripts install containerd where it is wanted.</param>
    /// <param name="bringsFuse">Whether the boot scripts make FUSE ready for others.</param>
    public static ImmutableArray<Requirement> For(VmSpec spec, bool bringsContainerd, bool bringsFuse)
    {
        var all = ImmutableArray.CreateBuilder<Requirement>();
        var managed = spec is { Plain: false, Os: "Linux" };
        all.Add(Usual[0]);
        if (managed) all.Add(new(UserSession, "user session is ready for ssh", "see /var/log/lima-boot.log in the guest"));
        if (managed && spec.Mounts is { Type: MountType.ReverseSshfs, Directories.IsEmpty: false })
        {
            all.Add(new(Sshfs, "sshfs binary to be installed", "sshfs was not installed in the guest; see /var/log/lima-boot.log there"));
            if (bringsFuse) all.Add(new(Fuse, "fuse to allow other users", "`user_allow_other` is missing in the guest's fuse.conf; see /var/log/lima-boot.log there"));
        }

        // Where nobody asked for it a guest may do without (ContainerdSpec.Asked).
        if (managed && bringsContainerd && spec.Containerd is { Wanted: true, Asked: true })
        {
            all.Add(new(Systemd, "systemd must be available", "containerd needs a guest with systemd; switch it off with `containerd: {user: false, system: false}`"));
            all.Add(new(Containerd, "containerd binaries to be installed", "neither nerdctl nor containerd was installed in the guest; see /var/log/lima-boot.log there"));
        }

        foreach (var (index, probe) in spec.Probes.Index())
        {
            var name = probe.Description.Length > 0 ? probe.Description : $"user probe {index + 1}/{spec.Probes.Length}";
            all.Add(new(Probe(index), Short(name), Short(probe.Hint)));
        }

        all.Add(Usual[1]);
        if (!spec.CopyToHost.IsEmpty) all.Add(new(CopyToHost, "files to be copied to the host", "correct `copyToHost` with `limactl edit`, then restart"));
        if (spec.Provision.Any(entry => entry.Mode == "ansible")) all.Add(new(Ansible, "playbooks to be played", "run `ansible-playbook` yourself with the instance's ansible-inventory.yaml"));
        return all.ToImmutable();
    }

    /// <summary>Whether nothing is waited for any more.</summary>
    public static bool IsComplete(VmState state) => Missing(state).IsEmpty;

    /// <summary>What is waited for, in order.</summary>
    public static ImmutableArray<Requirement> Missing(VmState state) =>
        [.. state.Requirements.Where(r => !state.RequirementsMet.Contains(r.Name) && !state.RequirementsFailed.ContainsKey(r.Name))];

    /// <summary>What does not hold: what is waited for, and what has failed, in order.</summary>
    public static ImmutableArray<Requirement> Unmet(VmState state) => [.. state.Requirements.Where(r => !state.RequirementsMet.Contains(r.Name))];

    // Stored with every boot; a template may have texts of any length.
    private static string Short(string text)
    {
        var line = string.Concat(text.Trim().Select(letter => char.IsControl(letter) ? ' ' : letter));
        return line.Length <= TextMax ? line : line[..(char.IsHighSurrogate(line[TextMax - 1]) ? TextMax - 1 : TextMax)] + "…";
    }
}
