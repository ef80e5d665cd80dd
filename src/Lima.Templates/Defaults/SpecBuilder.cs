using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Templates.Expressions;
using Lima.Templates.Validation;

namespace Lima.Templates.Defaults;

/// <summary>Makes the finished spec of a filled template that has been found valid.</summary>
internal static class SpecBuilder
{
    public static VmSpec Build(Reading reading, FilledTemplate filled)
    {
        var (root, host) = (reading.Root, reading.Host);
        var qemu = root.Map("vmOpts").Map("qemu");
        return new VmSpec
        {
            VmType = reading.VmType,
            Os = reading.Os,
            Arch = reading.Arch,
            Cpus = (int)root.Integer("cpus")!,
            MemoryBytes = Bytes(root, "memory"),
            DiskBytes = Bytes(root, "disk"),
            Images = ImageDefaults.Images(root, host),
            Firmware = new FirmwareSpec { LegacyBios = Is(root.Map("firmware"), "legacyBIOS"), Images = ImageDefaults.Firmware(root, host) },
            CpuTypes = HardwareDefaults.CpuTypes(root),
            QemuMinimumVersion = qemu.Text("minimumVersion") ?? "",
            VideoDisplay = root.Map("video").Text("display")!,
            Vnc = new VncSpec { Display = root.Map("video").Map("vnc").Text("display") is { Length: > 0 } display ? display : QemuDefaults.VncDisplay },
            Audio = new AudioSpec { Device = root.Map("audio").Text("device") ?? "", Interface = root.Map("audio").Text("interface") ?? "" },
            Tpm = Is(root, "tpm"),
            NestedVirtualization = Is(root, "nestedVirtualization"),
            Vz = Vz(root),
            VirtioWin = [.. root.Map("osOpts").Map("Windows").Items("virtioWin").Select(file => Archive(file, host))],
            AdditionalDisks = [.. root.Items("additionalDisks").Select(Disk)],
            Mounts = NetworkSpecs.Mounts(reading),
            Networks = NetworkSpecs.Networks(root),
            PortForwards = NetworkSpecs.PortForwards(root),
            Ssh = Ssh(root.Map("ssh"), reading.Plain),
            User = User(root.Map("user")),
            Env = Texts(root, "env"),
            Params = Texts(root, "param"),
            Provision = [.. root.Items("provision").Select(Provision)],
            Probes = [.. root.Items("probes").Select(Probe)],
            CopyToHost = [.. root.Items("copyToHost").Select(CopyToHost)],
            Containerd = Containerd(root.Map("containerd"), host),
            GuestInstallPrefix = root.Text("guestInstallPrefix")!,
            CaCerts = CaCerts(root.Map("caCerts")),
            HostResolver = HostResolver(root.Map("hostResolver")),
            Dns = [.. root.Texts("dns")],
            Timezone = root.Text("timezone") ?? "",
            UpgradePackages = Is(root, "upgradePackages"),
            PropagateProxyEnv = Is(root, "propagateProxyEnv"),
            Plain = reading.Plain,
            Message = Message(reading, filled),
        };
    }

    private static bool Is(Section section, string key) => section.Bool(key) ?? false;

    private static long Bytes(Section root, string key) => SizeText.Parse(root.Text(key)!)!.Value;

    private static SshSpec Ssh(Section ssh, bool plain) => new()
    {
        LocalPort = (int)(ssh.Integer("localPort") ?? 0),
        LoadDotSshPubKeys = Is(ssh, "loadDotSSHPubKeys"),
        ForwardAgent = !plain && Is(ssh, "forwardAgent"),
        ForwardX11 = Is(ssh, "forwardX11"),
        ForwardX11Trusted = Is(ssh, "forwardX11Trusted"),
        OverVsock = ssh.Bool("overVsock"),
    };

    private static UserSpec User(Section user) => new(
        user.Text("name")!,
        string.Concat((user.Text("comment") ?? "").Where(c => !char.IsControl(c))),
        user.Text("home")!,
        user.Text("shell")!,
        (int)user.Integer("uid")!,
        Is(user, "passwordlessSudo"));

    private static VzSpec Vz(Section root)
    {
        var vz = root.Map("vmOpts").Map("vz");
        var (rosetta, old) = (vz.Map("rosetta"), root.Map("rosetta"));
        return new VzSpec
        {
            RosettaEnabled = rosetta.Bool("enabled") ?? Is(old, "enabled"),
            RosettaBinfmt = rosetta.Bool("binfmt") ?? Is(old, "binfmt"),
            DiskImageFormat = vz.Text("diskImageFormat") is { Length: > 0 } format ? format : "raw",
        };
    }

    private static DiskSpec Disk(Section disk) => new(disk.Text("name")!)
    {
        Format = disk.Bool("format") ?? true,
        FsType = disk.Text("fsType") ?? "",
        FsArgs = [.. disk.Texts("fsArgs")],
    };

    private static ImmutableDictionary<string, string> Texts(Section root, string key) =>
        root.Pairs(key).ToImmutableDictionary(pair => pair.Key.Value, pair => pair.Text, StringComparer.Ordinal);

    private static ProvisionSpec Provision(Section entry) => new(entry.Text("mode")!, entry.Text("script") ?? "")
    {
        SkipDefaultDependencyResolution = Is(entry, "skipDefaultDependencyResolution"),
        Playbook = entry.Text("playbook") ?? "",
        File = entry.Text("mode") is not ("data" or "yq") ? null : new ProvisionFile(entry.Text("path")!)
        {
            Content = entry.Text("content") ?? "",
            Overwrite = entry.Bool("overwrite") ?? true,
            Expression = entry.Text("expression") ?? "",
            Format = entry.Text("format") ?? "auto",
            Owner = entry.Text("owner")!,
            Permissions = entry.Text("permissions")!,
        },
    };

    private static ProbeSpec Probe(Section probe) =>
        new(probe.Text("description")!, probe.Text("script")!, probe.Text("hint") ?? "") { Mode = probe.Text("mode")! };

    private static CopyToHostSpec CopyToHost(Section copy) =>
        new(copy.Text("guest")!, copy.Text("host")!, Is(copy, "skipIfMissing"), Is(copy, "deleteOnStop"));

    private static ContainerdSpec Containerd(Section containerd, HostFacts host) => new()
    {
        System = Is(containerd, "system"),
        User = Is(containerd, "user"),
        Archives = [.. containerd.Items("archives").Select(file => Archive(file, host))],
    };

    private static ArchiveSource Archive(Section file, HostFacts host) => new(ImageDefaults.Location(file, host), file.Text("arch") ?? "", file.Text("digest") ?? "");

    private static CaCertsSpec CaCerts(Section certs) =>
        new() { RemoveDefaults = Is(certs, "removeDefaults"), Files = [.. certs.Texts("files")], Certs = [.. certs.Texts("certs")] };

    private static HostResolverSpec HostResolver(Section resolver) =>
        new() { Enabled = Is(resolver, "enabled"), Ipv6 = Is(resolver, "ipv6"), Hosts = Texts(resolver, "hosts") };

    private static string Message(Reading reading, FilledTemplate filled)
    {
        if (reading.Root.Text("message") is not { } text) return "";
        if (TemplateText.Expand(text, MessageData.For(reading, filled), out var problem) is { } expanded) return expanded;
        reading.Warn(reading.Root, "message", $"field `message` is left as written: {problem}");
        return text;
    }
}
