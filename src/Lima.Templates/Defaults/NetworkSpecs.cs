using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Templates.Validation;

namespace Lima.Templates.Defaults;

/// <summary>The parts of a spec that join guest and host: mounts, networks, port forwards.</summary>
internal static class NetworkSpecs
{
    public static MountsSpec Mounts(Reading reading)
    {
        var type = MountTypes.Parse(QemuDefaults.MountType(reading.Root, reading.Instance)) ?? MountType.NineP;
        ImmutableArray<MountType> unsupported = [.. reading.Root.Texts("mountTypesUnsupported").Select(MountTypes.Parse).OfType<MountType>()];
        return new MountsSpec
        {
            Type = type,
            // An instance of an old version keeps the way that it had then.
            IsChosen = reading.Root.Text("mountType") is not (null or "" or "default")
                || (type == MountType.ReverseSshfs && !unsupported.Contains(MountType.NineP)),
            Unsupported = unsupported,
            Directories = [.. reading.Root.Items("mounts").Select(Mount)],
            Inotify = reading.Root.Bool("mountInotify") ?? false,
        };
    }

    public static ImmutableArray<NetworkSpec> Networks(Section root) => [.. root.Items("networks").Select(network => new NetworkSpec
    {
        Lima = network.Text("lima") ?? "",
        Socket = network.Text("socket") ?? "",
        VzNat = network.Bool("vzNAT") ?? false,
        MacAddress = network.Text("macAddress")!,
        Interface = network.Text("interface")!,
        Metric = (uint)network.Integer("metric")!,
    })];

    public static ImmutableArray<PortForwardSpec> PortForwards(Section root) => [.. root.Items("portForwards").Select(rule => new PortForwardSpec
    {
        GuestIp = rule.Text("guestIP")!,
        GuestIpMustBeZero = rule.Bool("guestIPMustBeZero") ?? false,
        GuestPorts = Ports(rule, "guestPortRange"),
        GuestSocket = rule.Text("guestSocket") ?? "",
        HostIp = rule.Text("hostIP")!,
        HostPorts = Ports(rule, "hostPortRange"),
        HostSocket = rule.Text("hostSocket") ?? "",
        Protocol = rule.Text("proto") switch { "tcp" => PortProtocol.Tcp, "udp" => PortProtocol.Udp, _ => PortProtocol.Any },
        Reverse = rule.Bool("reverse") ?? false,
        Ignore = rule.Bool("ignore") ?? false,
        Static = rule.Bool("static") ?? false,
    })];

    private static PortRange Ports(Section rule, string key)
    {
        var (first, last) = PortForwardDefaults.Range(rule.Node(key));
        return new PortRange((int)first, (int)last);
    }

    private static MountSpec Mount(Section mount)
    {
        var (sshfs, ninep) = (mount.Map("sshfs"), mount.Map("9p"));
        return new MountSpec(mount.Text("location")!, mount.Text("mountPoint")!, mount.Bool("writable") ?? false)
        {
            Sshfs = new SshfsSpec
            {
                Cache = sshfs.Bool("cache") ?? true,
                FollowSymlinks = sshfs.Bool("followSymlinks") ?? false,
                SftpDriver = sshfs.Text("sftpDriver") ?? "",
            },
            NineP = new NinePSpec
            {
                SecurityModel = ninep.Text("securityModel")!,
                ProtocolVersion = ninep.Text("protocolVersion")!,
                MsizeBytes = SizeText.Parse(ninep.Text("msize")!)!.Value,
                Cache = ninep.Text("cache")!,
            },
            VirtiofsQueueSize = (int)(mount.Map("virtiofs").Integer("queueSize") ?? QemuDefaults.VirtiofsQueueSize),
        };
    }
}
