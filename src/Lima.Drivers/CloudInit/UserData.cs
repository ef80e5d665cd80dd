using System.Collections.Immutable;
using System.Text;
using Lima.Domain.Specs;
using Lima.Drivers.Mounts;

namespace Lima.Drivers.CloudInit;

/// <summary>The text of <c>user-data</c>: what cloud-init itself does in the guest.</summary>
internal static class UserData
{
    /// <summary>Writes it.</summary>
    public static string For(SeedInput input)
    {
        var spec = input.Spec;
        var text = new StringBuilder("#cloud-config\n");
        text.Append("growpart:\n  mode: \"auto\"\n  devices: [\"/\"]\n");
        if (spec.Timezone.Length > 0) text.Append($"timezone: {YamlText.Quote(spec.Timezone)}\n");
        if (spec.UpgradePackages) text.Append("package_update: true\npackage_upgrade: true\npackage_reboot_if_required: true\n");
        AppendMounts(text, spec.Mounts);
        AppendUser(text, spec.User, input.AuthorizedKeys);
        AppendHostKey(text, input);
        AppendPerBoot(text, input.Scripts);
        AppendBootCommands(text, input);
        AppendResolver(text, SeedNetwork.NameServers(input));
        AppendAuthorities(text, spec.CaCerts.RemoveDefaults, Authorities.Of(input));
        return text.ToString();
    }

    // Directories over SSH are mounted later by the host.
    private static void AppendMounts(StringBuilder text, MountsSpec mounts)
    {
        if (mounts.Directories.IsEmpty || mounts.Type is not (MountType.NineP or MountType.Virtiofs)) return;
        text.Append("mounts:\n");
        foreach (var mount in mounts.Directories)
        {
            var type = mounts.Type == MountType.NineP ? "9p" : "virtiofs";
            text.Append($"  - [{MountTag.Of(mount)}, {YamlText.Quote(FstabField(mount.MountPoint))}, {type}, {YamlText.Quote(Options(mount, mounts.Type))}, \"0\", \"0\"]\n");
        }
    }

    // cloud-init writes it into fstab as it is. There a blank would end the field, everything after it would be taken for something
    // else, and the next boot would end in systemd's emergency mode.
    private static string FstabField(string path) => path
        .Replace("\\", "\\134", StringComparison.Ordinal)
        .Replace(" ", "\\040", StringComparison.Ordinal)
        .Replace("\t", "\\011", StringComparison.Ordinal)
        .Replace("\n", "\\012", StringComparison.Ordinal);

    // Without nofail, a kernel that lacks the file system would keep the guest from booting.
    private static string Options(MountSpec mount, MountType type) =>
        (type == MountType.NineP ? MountOptions.NineP(mount) : MountOptions.Virtiofs(mount)) + ",nofail";

    private static void AppendUser(StringBuilder text, UserSpec user, ImmutableArray<string> keys)
    {
        text.Append($"users:\n  - name: {YamlText.Quote(user.Name)}\n");
        text.Append($"    uid: \"{user.Uid}\"\n");
        if (user.Comment.Length > 0) text.Append($"    gecos: {YamlText.Quote(user.Comment)}\n");
        text.Append($"    homedir: {YamlText.Quote(user.Home)}\n");
        text.Append($"    shell: {YamlText.Quote(user.Shell)}\n");
        text.Append(user.PasswordlessSudo
            ? "    sudo: \"ALL=(ALL) NOPASSWD:ALL\"\n    lock_passwd: true\n"
            : "    sudo: \"ALL=(ALL) ALL\"\n    lock_passwd: false\n");
        text.Append("    ssh_authorized_keys:\n");
        foreach (var key in keys) text.Append($"      - {YamlText.Quote(key.Trim())}\n");
    }

    // The guest's host key is given to it, so that the very first connection is verified and it need not make one.
    private static void AppendHostKey(StringBuilder text, SeedInput input)
    {
        text.Append("ssh_deletekeys: true\nssh_genkeytypes: []\nssh_keys:\n");
        text.Append("  ed25519_private:").Append(YamlText.Block(input.HostKeyPrivate, indent: 4));
        text.Append($"  ed25519_public: {YamlText.Quote(input.HostKeyPublic.Trim())}\n");
    }

    private static void AppendPerBoot(StringBuilder text, GuestScripts scripts)
    {
        text.Append("write_files:\n  - path: \"/var/lib/cloud/scripts/per-boot/00-lima.boot.sh\"\n");
        text.Append("    owner: \"root:root\"\n    permissions: \"0755\"\n");
        text.Append("    content:").Append(YamlText.Block(scripts.PerBoot, indent: 6));
    }

    // cloud-init joins these texts to one script. Each is a subshell, lest an `exit` or `cd` in one reach the next.
    private static void AppendBootCommands(StringBuilder text, SeedInput input)
    {
        var exports = string.Concat(SeedVariables.Parameters(input.Spec).Select(line => $"export {line}\n"));
        text.Append("bootcmd:\n");
        text.Append($"  - {YamlText.Quote($"(\n{CardNames.Command(SeedNetwork.Cards(input))})")}\n");
        foreach (var script in input.Spec.Provision.Where(script => script.Mode == "boot"))
            text.Append($"  - {YamlText.Quote($"(\n{exports}{script.Script}\n)")}\n");
    }

    private static void AppendResolver(StringBuilder text, ImmutableArray<string> servers)
    {
        if (servers.IsDefaultOrEmpty) return;
        text.Append("manage_resolv_conf: true\nresolv_conf:\n  nameservers:\n");
        foreach (var server in servers) text.Append($"    - {YamlText.Quote(server)}\n");
    }

    private static void AppendAuthorities(StringBuilder text, bool removeDefaults, ImmutableArray<string> trusted)
    {
        if (trusted.IsEmpty && !removeDefaults) return;
        text.Append($"ca_certs:\n  remove_defaults: {(removeDefaults ? "true" : "false")}\n");
        if (!trusted.IsEmpty) text.Append("  trusted:\n");
        foreach (var certificate in trusted) text.Append("    -").Append(YamlText.Block(certificate, indent: 6));
    }
}
