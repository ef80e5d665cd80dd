using System.Globalization;
using static System.FormattableString;

namespace Lima.Drivers.PortForwarding;

/// <summary>A port of the host that QEMU's user network listens on for the guest. TCP and IPv4; the guest is reached at its own address.</summary>
/// <param name="HostIp">Address that QEMU listens on.</param>
/// <param name="HostPort">Port; 0 in a rule that is to be added has the kernel choose one.</param>
/// <param name="GuestPort">Where in the guest it leads.</param>
internal readonly record struct QemuRule(string HostIp, int HostPort, int GuestPort)
{
    private const string Network = "net0", Any = "0.0.0.0";

    /// <summary>The monitor's command that adds it; says nothing when it has.</summary>
    public string Add => Invariant($"hostfwd_add {Network} tcp:{HostIp}:{HostPort}-:{GuestPort}");

    /// <summary>The one that ends it. Connections through it go on.</summary>
    public string Remove => Invariant($"hostfwd_remove {Network} tcp:{HostIp}:{HostPort}");

    /// <summary>Whether both cannot be.</summary>
    public bool IsInTheWayOf(string hostIp, int hostPort) => HostPort == hostPort && (HostIp == hostIp || HostIp == Any || hostIp == Any);

    /// <summary>
    /// The rules in the monitor's answer to <c>info usernet</c>, each with the number of QEMU's descriptor that listens; null when there is no
    /// user network. That of SSH is left out: it is no forward of ours.
    /// </summary>
    public static IReadOnlyDictionary<QemuRule, int>? All(string answer)
    {
        Dictionary<QemuRule, int>? all = null;
        var isOurs = false;
        foreach (var line in answer.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.EndsWith("):", StringComparison.Ordinal)) isOurs = line.EndsWith($"({Network}):", StringComparison.Ordinal);
            if (!isOurs) continue;
            all ??= [];
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["TCP[HOST_FORWARD]", var descriptor, var ip, var port, _, var guestPort, ..] && Number(guestPort) is not SshPort)
                all[new QemuRule(ip == "*" ? Any : ip, Number(port), Number(guestPort))] = Number(descriptor);
        }

        return all;
    }

    private const int SshPort = 22;

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
