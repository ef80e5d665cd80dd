using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Testing;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class PortRulesTests
{
    private const int SshLocalPort = 60022;

    public static TheoryData<string, int, string> Rows => TruthTable.Rows;

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_of_the_truth_table_holds_for_tcp(string ip, int port, string host) =>
        Assert.Equal(host, Host(new PortRules(TruthTable.Rules, SshLocalPort), new GuestListener(PortProtocol.Tcp, ip, port)));

    [Theory]
    [MemberData(nameof(Rows))]
    public void And_for_udp_but_datagrams_go_into_no_socket(string ip, int port, string host)
    {
        // Then the next rule is asked, which is Lima's own for loopback.
        var expected = host.StartsWith('/') ? $"127.0.0.1:{port}" : host;
        Assert.Equal(expected, Host(new PortRules(TruthTable.Rules, SshLocalPort), new GuestListener(PortProtocol.Udp, ip, port)));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("::")]
    [InlineData("::1")]
    public void Ssh_is_never_forwarded_and_everything_else_is(string ip)
    {
        var rules = new PortRules([], SshLocalPort);
        Assert.Equal("", Host(rules, new GuestListener(PortProtocol.Tcp, ip, 22)));
        Assert.Equal("", Host(rules, new GuestListener(PortProtocol.Tcp, ip, SshLocalPort)));
        Assert.Equal("127.0.0.1:8080", Host(rules, new GuestListener(PortProtocol.Tcp, ip, 8080)));
        Assert.Equal("127.0.0.1:8080", Host(rules, new GuestListener(PortProtocol.Udp, ip, 8080)));
    }

    [Theory]
    [InlineData("192.168.5.15")]
    [InlineData("127.0.0.53")]
    [InlineData("fe80::1")]
    public void Other_addresses_of_the_guest_are_not_forwarded_by_themselves(string ip) =>
        Assert.Equal("", Host(new PortRules([], SshLocalPort), new GuestListener(PortProtocol.Tcp, ip, 8080)));

    [Theory]
    [InlineData(PortProtocol.Udp, 53)]
    [InlineData(PortProtocol.Tcp, 53)]
    [InlineData(PortProtocol.Udp, 67)]
    [InlineData(PortProtocol.Udp, 68)]
    [InlineData(PortProtocol.Udp, 123)]
    [InlineData(PortProtocol.Udp, 323)]
    [InlineData(PortProtocol.Udp, 5353)]
    [InlineData(PortProtocol.Udp, 5355)]
    [InlineData(PortProtocol.Tcp, 5355)]
    public void The_machines_own_services_are_forwarded_only_by_name(PortProtocol protocol, int port)
    {
        var listener = new GuestListener(protocol, "0.0.0.0", port);
        Assert.Equal("", Host(new PortRules([], SshLocalPort), listener));
        Assert.Equal("", Host(new PortRules([new PortForwardSpec()], SshLocalPort), listener));
        var named = new PortForwardSpec { GuestPorts = new PortRange(port, port), HostPorts = new PortRange(15353, 15353) };
        Assert.Equal("127.0.0.1:15353", Host(new PortRules([named], SshLocalPort), listener));
    }

    [Fact]
    public void A_rule_is_about_its_protocol_alone()
    {
        var rules = new PortRules(
            [
                new PortForwardSpec { GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(8080, 8080), Protocol = PortProtocol.Tcp },
                new PortForwardSpec { GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(9090, 9090), Protocol = PortProtocol.Udp },
            ],
            SshLocalPort);
        Assert.Equal("127.0.0.1:8080", Host(rules, new GuestListener(PortProtocol.Tcp, "0.0.0.0", 80)));
        Assert.Equal("127.0.0.1:9090", Host(rules, new GuestListener(PortProtocol.Udp, "0.0.0.0", 80)));
    }

    [Fact]
    public void A_socket_of_the_guest_is_no_port()
    {
        var rules = new PortRules([new PortForwardSpec { GuestSocket = "/run/x.sock", HostSocket = "/tmp/x.sock", GuestPorts = default, HostPorts = default }], SshLocalPort);
        Assert.Equal("127.0.0.1:8080", Host(rules, new GuestListener(PortProtocol.Tcp, "127.0.0.1", 8080)));
    }

    [Fact]
    public void A_port_of_a_static_rule_is_left_to_it()
    {
        var rules = new PortRules([new PortForwardSpec { GuestPorts = new PortRange(80, 81), HostPorts = new PortRange(8080, 8081), Static = true }], SshLocalPort);
        Assert.Equal("", Host(rules, new GuestListener(PortProtocol.Tcp, "0.0.0.0", 81)));
        Assert.Equal("127.0.0.1:82", Host(rules, new GuestListener(PortProtocol.Tcp, "0.0.0.0", 82)));
    }

    [Fact]
    public void Who_wants_nothing_forwarded_is_not_told_what_is_not()
    {
        var nothing = new PortForwardSpec { Ignore = true };
        Assert.True(new PortRules([nothing], 0).IsSilent(PortProtocol.Tcp));
        Assert.True(new PortRules([nothing], 0).IsSilent(PortProtocol.Udp));
        Assert.False(new PortRules([nothing with { Protocol = PortProtocol.Tcp }], 0).IsSilent(PortProtocol.Udp));
        Assert.False(new PortRules([new PortForwardSpec { GuestPorts = new PortRange(80, 80) }, nothing], 0).IsSilent(PortProtocol.Tcp));
        Assert.False(new PortRules([], 0).IsSilent(PortProtocol.Tcp));
    }

    private static string Host(PortRules rules, GuestListener listener) => rules.HostEnd(listener)?.ToString() ?? "";
}
