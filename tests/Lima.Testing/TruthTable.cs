using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Lima.Domain.Specs;
using Xunit;
using static System.FormattableString;

namespace Lima.Testing;

/// <summary>
/// Lima's truth table of port forwards: a list of rules that meet in every way, and what becomes of a listener on each kind of
/// address. Asked of the rules alone, and of a real guest.
/// </summary>
public static class TruthTable
{
    /// <summary>Stands for an address of the host that is not loopback.</summary>
    public const string HostAddress = "10.0.0.7";

    /// <summary>Stands for the directory of socket files.</summary>
    public const string Sockets = "/sock/";

    private const string GuestAddress = "192.168.5.15";

    /// <summary>The rules in their order, as the template reader fills them in.</summary>
    public static ImmutableArray<PortForwardSpec> Rules { get; } =
    [
        Rule("127.0.0.2", 3000, 3009, host: 2000) with { Ignore = true },
        Rule("0.0.0.0", 3010, 3019, host: 2010) with { Ignore = true },
        Rule("0.0.0.0", 3000, 3029, host: 2000),
        Rule("0.0.0.0", 3020, 3029, host: 2020) with { Ignore = true },
        Rule("127.0.0.1", 3030, 3039, host: 2030) with { HostIp = HostAddress },
        Rule("127.0.0.1", 300, 304),
        Rule("127.0.0.1", 305, 309),
        Rule("127.0.0.1", 310, 314) with { HostIp = "0.0.0.0" },
        Rule("127.0.0.1", 315, 319) with { HostIp = "0.0.0.0" },
        Rule(GuestAddress, 4000, 4009) with { HostIp = HostAddress },
        Rule("::1", 4010, 4019) with { HostIp = "::" },
        Rule("::", 4020, 4029) with { HostIp = HostAddress },
        Rule("0.0.0.0", 4030, 4039) with { HostIp = HostAddress },
        Rule("0.0.0.0", 4040, 4049) with { GuestIpMustBeZero = true },
        Rule("0.0.0.0", 4040, 4049) with { Ignore = true },
        Rule("0.0.0.0", 8888, 8888) with { GuestIpMustBeZero = true, HostIp = "0.0.0.0" },
        Socket(5000), Socket(5001), Socket(5002), Socket(5003),
    ];

    /// <summary>Address and port in the guest; the host's end, or nothing.</summary>
    public static TheoryData<string, int, string> Rows { get; } = new()
    {
        { "127.0.0.2", 3000, "" },
        { "127.0.0.3", 3001, "127.0.0.1:2001" },
        { "0.0.0.0", 3002, "127.0.0.1:2002" },
        { "0.0.0.0", 3010, "" },
        { "127.0.0.1", 3011, "" },
        { "127.0.0.2", 3020, "127.0.0.1:2020" },
        { "127.0.0.1", 3021, "127.0.0.1:2021" },
        { "0.0.0.0", 3022, "127.0.0.1:2022" },
        { "::", 3023, "127.0.0.1:2023" },
        { "::1", 3024, "127.0.0.1:2024" },
        { "127.0.0.1", 3030, $"{HostAddress}:2030" },
        { "0.0.0.0", 3031, $"{HostAddress}:2031" },
        { "::", 3032, $"{HostAddress}:2032" },
        { "::1", 3033, $"{HostAddress}:2033" },
        { "127.0.0.1", 300, "127.0.0.1:300" },
        { "0.0.0.0", 301, "127.0.0.1:301" },
        { "::", 302, "127.0.0.1:302" },
        { "::1", 303, "127.0.0.1:303" },
        { GuestAddress, 304, "" },
        { "127.0.0.1", 325, "127.0.0.1:325" },
        { "0.0.0.0", 326, "127.0.0.1:326" },
        { "::", 327, "127.0.0.1:327" },
        { "::1", 328, "127.0.0.1:328" },
        { GuestAddress, 329, "" },
        { "127.0.0.1", 310, "0.0.0.0:310" },
        { "0.0.0.0", 311, "0.0.0.0:311" },
        { "::", 312, "0.0.0.0:312" },
        { "::1", 313, "0.0.0.0:313" },
        { GuestAddress, 314, "" },
        { "127.0.0.1", 315, "0.0.0.0:315" },
        { "0.0.0.0", 316, "0.0.0.0:316" },
        { "::", 317, "0.0.0.0:317" },
        { "::1", 318, "0.0.0.0:318" },
        { GuestAddress, 319, "" },
        { GuestAddress, 4000, $"{HostAddress}:4000" },
        { "::1", 4010, "[::]:4010" },
        { "127.0.0.1", 4020, $"{HostAddress}:4020" },
        { "127.0.0.2", 4021, $"{HostAddress}:4021" },
        { GuestAddress, 4022, $"{HostAddress}:4022" },
        { "0.0.0.0", 4023, $"{HostAddress}:4023" },
        { "::", 4024, $"{HostAddress}:4024" },
        { "::1", 4025, $"{HostAddress}:4025" },
        { "127.0.0.1", 4030, $"{HostAddress}:4030" },
        { "127.0.0.2", 4031, $"{HostAddress}:4031" },
        { GuestAddress, 4032, $"{HostAddress}:4032" },
        { "0.0.0.0", 4033, $"{HostAddress}:4033" },
        { "::", 4034, $"{HostAddress}:4034" },
        { "::1", 4035, $"{HostAddress}:4035" },
        { "0.0.0.0", 4040, "127.0.0.1:4040" },
        { "::", 4041, "127.0.0.1:4041" },
        { "127.0.0.1", 4043, "" },
        { GuestAddress, 4044, "" },
        { "0.0.0.0", 8888, "0.0.0.0:8888" },
        { "127.0.0.1", 5000, $"{Sockets}port5000.sock" },
        { GuestAddress, 5001, "" },
        { "127.0.0.1", 5002, $"{Sockets}port5002.sock" },
        { GuestAddress, 5003, "" },
    };

    /// <summary>The rules as a user writes them.</summary>
    /// <param name="hostAddress">What takes the place of <see cref="HostAddress"/>; the sockets get names alone.</param>
    /// <param name="shift">Added to ports of the host that are not those of the guest: this machine may use 2000 to 2039 for something else.</param>
    public static string Yaml(string hostAddress, int shift)
    {
        var text = new StringBuilder();
        foreach (var rule in Rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"- guestIP: \"{rule.GuestIp}\"\n");
            if (rule.GuestIp == "0.0.0.0") text.Append(rule.GuestIpMustBeZero ? "  guestIPMustBeZero: true\n" : "  guestIPMustBeZero: false\n");
            text.Append(CultureInfo.InvariantCulture, $"  guestPortRange: [{rule.GuestPorts.First}, {rule.GuestPorts.Last}]\n");
            if (rule.HostSocket.Length > 0) text.Append(CultureInfo.InvariantCulture, $"  hostSocket: {rule.HostSocket[Sockets.Length..]}\n");
            else text.Append(CultureInfo.InvariantCulture, $"  hostPortRange: [{Shifted(rule.HostPorts.First, shift)}, {Shifted(rule.HostPorts.Last, shift)}]\n");
            text.Append(CultureInfo.InvariantCulture, $"  hostIP: \"{(rule.HostIp == HostAddress ? hostAddress : rule.HostIp)}\"\n");
            if (rule.Ignore) text.Append("  ignore: true\n");
        }

        return text.ToString();
    }

    /// <summary>The host's end of a row with such a shift.</summary>
    public static string Shifted(string host, int shift)
    {
        var colon = host.LastIndexOf(':');
        return colon < 0 ? host : Invariant($"{host[..colon]}:{Shifted(int.Parse(host[(colon + 1)..], CultureInfo.InvariantCulture), shift)}");
    }

    private static int Shifted(int port, int shift) => port is >= 2000 and < 2040 ? port + shift : port;

    private static PortForwardSpec Rule(string guestIp, int first, int last, int host = 0) => new()
    {
        GuestIp = guestIp,
        GuestPorts = new PortRange(first, last),
        HostPorts = host == 0 ? new PortRange(first, last) : new PortRange(host, host + last - first),
    };

    private static PortForwardSpec Socket(int port) => new()
    {
        GuestPorts = new PortRange(port, port), HostPorts = default, HostSocket = $"{Sockets}port{port}.sock",
    };
}
