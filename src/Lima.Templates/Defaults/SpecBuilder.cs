using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Templates.Expressions;
using Lima.Templates.Validation;

namespace Lima.Templates.Defaults;

/// <summary>Makes the finished spec of a template that has been found valid.</summary>
internal static class SpecBuilder
{
    public static VmSpec Build(Reading reading)
    {
        var root = reading.Root;
        var user = UserDefaults.Fill(reading);
        var cpus = HardwareDefaults.Cpus(reading);
        var variables = TemplateVariables.WithoutHome(reading, user.Name, user.Uid);
        variables["Home"] = user.Home;
        return new VmSpec
        {
            VmType = root.Text("vmType") ?? "qemu",
            Os = root.Text("os") ?? "Linux",
            Arch = reading.Arch,
            Cpus = cpus,
            MemoryBytes = HardwareDefaults.MemoryBytes(reading),
            DiskBytes = HardwareDefaults.DiskBytes(reading),
            Images = ImageDefaults.Images(reading),
            Firmware = new FirmwareSpec { LegacyBios = root.Map("firmware").Bool("legacyBIOS") ?? false, Images = ImageDefaults.Firmware(reading) },
            CpuTypes = HardwareDefaults.CpuTypes(reading),
            QemuMinimumVersion = root.Map("vmOpts").Map("qemu").Text("minimumVersion") ?? "",
            VideoDisplay = root.Map("video").Text("display") is { Length: > 0 } display ? display : "none",
            Ssh = Ssh(root.Map("ssh"), reading.Plain),
            User = user,
            Env = Texts(root, "env"),
            Params = Texts(root, "param"),
            Provision = Provision(reading, variables),
            Dns = [.. root.Texts("dns")],
            Timezone = reading.Plain ? "" : root.Text("timezone") ?? reading.Host.Timezone,
            UpgradePackages = root.Bool("upgradePackages") ?? false,
            PropagateProxyEnv = root.Bool("propagateProxyEnv") ?? true,
            Plain = reading.Plain,
            Message = Expand(reading, root, "message", TemplateVariables.ForMessage(variables, reading, cpus)),
        };
    }

    private static SshSpec Ssh(Section ssh, bool plain) => new()
    {
        LocalPort = (int)(ssh.Integer("localPort") ?? 0),
        LoadDotSshPubKeys = ssh.Bool("loadDotSSHPubKeys") ?? false,
        ForwardAgent = !plain && (ssh.Bool("forwardAgent") ?? false),
        ForwardX11 = ssh.Bool("forwardX11") ?? false,
        ForwardX11Trusted = ssh.Bool("forwardX11Trusted") ?? false,
    };

    private static ImmutableDictionary<string, string> Texts(Section root, string key) =>
        root.Pairs(key).ToImmutableDictionary(pair => pair.Key.Value, pair => pair.Text, StringComparer.Ordinal);

    private static ImmutableArray<ProvisionSpec> Provision(Reading reading, Dictionary<string, string> variables) =>
    [
        .. reading.Root.Items("provision")
            .Where(entry => ProvisionRules.Mode(entry) is "system" or "user" or "boot")
            .Select(entry => new ProvisionSpec(ProvisionRules.Mode(entry), Expand(reading, entry, "script", variables))),
    ];

    private static string Expand(Reading reading, Section section, string key, IReadOnlyDictionary<string, string> variables)
    {
        if (section.Text(key) is not { } text) return "";
        if (GuestTemplate.Expand(text, variables, out var problem) is { } expanded) return expanded;
        reading.Warn(section, key, $"field `{section.FieldPath(key)}` is left as written: {problem}");
        return text;
    }
}
