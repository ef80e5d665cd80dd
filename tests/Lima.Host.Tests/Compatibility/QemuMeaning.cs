using System.Text.RegularExpressions;

namespace Lima.Host.Tests.Compatibility;

/// <summary>
/// What a command line of QEMU means for a guest, without what differs on purpose: see "Command line of QEMU" in
/// docs/differences-from-lima.md, which names each of these differences.
/// </summary>
internal static partial class QemuMeaning
{
    // A device or an option that only one of the two has, and that no guest misses.
    private static readonly string[] OursAlone = ["virtio-balloon-pci", "pvpanic", "virtserialport"];

    /// <summary>Facts in a fixed order.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> arguments)
    {
        List<string> facts = [];
        for (var at = 0; at < arguments.Count; at++)
        {
            var value = at + 1 < arguments.Count && !arguments[at + 1].StartsWith('-') ? arguments[++at] : "";
            var option = value.Length > 0 ? arguments[at - 1] : arguments[at];
            facts.AddRange(Facts(option, value));
        }

        return [.. facts.Order(StringComparer.Ordinal)];
    }

    /// <summary>Lima's facts with the card on its network after one on QEMU's own, which it replaces there.</summary>
    public static IReadOnlyList<string> WithFirstCardOnUserNetwork(IReadOnlyList<string> facts) =>
    [
        .. facts.Select(fact => fact == Daemon + "net0 to a daemon" ? Daemon + "net1 to a daemon" : fact)
            .Append("-netdev user,id=net0,net=192.168.5.0/24,dhcpstart=192.168.5.15,hostfwd=tcp:127.0.0.1:PORT-:22")
            .Append("-device virtio-net-pci,netdev=net1,mac=MAC")
            .Order(StringComparer.Ordinal),
    ];

    private const string Daemon = "-netdev id=";

    private static IEnumerable<string> Facts(string option, string value) => (option, value) switch
    {
        // Nothing that was not asked for: one option here, three there.
        ("-nodefaults", _) or ("-vga", "none") or ("-parallel", "none") or ("-uuid", _) or ("-action", _) => [],
        ("-machine", _) when value.Contains(",accel=kvm") => ["-machine " + value.Replace(",accel=kvm", ""), "-accel kvm"],
        ("-accel", _) when value.StartsWith("tcg", StringComparison.Ordinal) => ["-accel tcg"],
        ("-audiodev", _) when value.StartsWith("none", StringComparison.Ordinal) => [],
        ("-drive", _) => [Drive(value)],
        ("-chardev", _) when value.StartsWith("file,id=char-progress", StringComparison.Ordinal) || value.StartsWith("socket,id=char-agent", StringComparison.Ordinal) => [],
        // The second control socket.
        ("-chardev", _) when value.StartsWith("socket,id=char-plug,", StringComparison.Ordinal) => [],
        ("-mon", "chardev=char-plug,mode=control") => [],
        ("-chardev", _) => [$"{option} {value.Replace(",logappend=off", "")}"],
        ("-device", _) when OursAlone.Any(device => value.Split(',')[0] == device) => [],
        ("-device", _) => [$"{option} {Device(value)}"],
        ("-netdev", _) when value.Split(',')[0] is "stream" or "socket" or "dgram" => ["-netdev " + value.Split(',')[1] + " to a daemon"],
        ("-netdev", _) => [$"{option} {Port().Replace(value, "tcp:127.0.0.1:PORT-")}"],
        // The tag is made of the path, and paths of the records were changed after they were made.
        ("-virtfs", _) => [$"{option} {Tag().Replace(value, "mount_tag=TAG")}"],
        _ => [$"{option} {value}"],
    };

    private static string Drive(string value)
    {
        var parts = value.Split(',').Where(part => !part.StartsWith("format=", StringComparison.Ordinal) && !part.StartsWith("discard=", StringComparison.Ordinal)
            && !part.StartsWith("id=disk-", StringComparison.Ordinal) && part != "detect-zeroes=unmap");
        return "-drive " + string.Join(',', parts.Order(StringComparer.Ordinal));
    }

    private static string Device(string value)
    {
        var device = value.StartsWith("virtio-scsi,", StringComparison.Ordinal) ? "virtio-scsi-pci" + value["virtio-scsi".Length..] : value;
        device = device.StartsWith("virtio-serial-pci,", StringComparison.Ordinal) ? Ports().Replace(device, "") : device;
        return Mac().Replace(device, "mac=MAC");
    }

    [GeneratedRegex("tcp:127\\.0\\.0\\.1:[0-9]+-")]
    private static partial Regex Port();

    [GeneratedRegex("mount_tag=lima-[0-9a-f]{16}")]
    private static partial Regex Tag();

    [GeneratedRegex("mac=[0-9a-f:]{17}")]
    private static partial Regex Mac();

    [GeneratedRegex(",max_ports=[0-9]+")]
    private static partial Regex Ports();
}
