using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Testing;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class ForwardPlanTests
{
    [Fact]
    public void A_static_rule_is_forwarded_without_a_listener_port_by_port()
    {
        var rule = new PortForwardSpec { GuestPorts = new PortRange(80, 82), HostPorts = new PortRange(8080, 8082), Static = true };
        Assert.Equal(
            ["TCP from 127.0.0.1:80 to 127.0.0.1:8080", "TCP from 127.0.0.1:81 to 127.0.0.1:8081", "TCP from 127.0.0.1:82 to 127.0.0.1:8082"],
            Plan([rule]).Forwards.Select(f => f.ToString()));
    }

    [Fact]
    public void A_rule_before_it_that_forbids_wins_over_a_static_one()
    {
        var never = new PortForwardSpec { GuestPorts = new PortRange(81, 81), HostPorts = new PortRange(81, 81), Ignore = true };
        var rule = new PortForwardSpec { GuestPorts = new PortRange(80, 82), HostPorts = new PortRange(80, 82), Static = true };
        Assert.Equal([80, 82], Plan([never, rule]).Forwards.Select(f => f.Guest.Port));
        Assert.Equal([80, 81, 82], Plan([rule, never]).Forwards.Select(f => f.Guest.Port));
        Assert.Empty(Plan([new PortForwardSpec { GuestPorts = new PortRange(22, 22), HostPorts = new PortRange(2222, 2222), Static = true }]).Forwards);
    }

    [Theory]
    [InlineData("/g.sock", "/h.sock", 0, false, "TCP from /g.sock to /h.sock")]
    [InlineData("/g.sock", "/h.sock", 0, true, "TCP from /h.sock to /g.sock (reverse)")]
    [InlineData("/g.sock", "", 2375, false, "TCP from /g.sock to 127.0.0.1:2375")]
    public void A_socket_of_the_guest_needs_no_listener(string guest, string host, int hostPort, bool reverse, string expected)
    {
        var rule = new PortForwardSpec
        {
            GuestSocket = guest, HostSocket = host, GuestPorts = default, HostPorts = new PortRange(hostPort, hostPort), Reverse = reverse,
        };
        var forward = Assert.Single(Plan([rule]).Forwards);
        Assert.Equal(expected, forward.ToString());
        Assert.True(forward.Static);
    }

    [Fact]
    public void A_program_on_both_families_is_one_forward_to_the_more_general_of_its_addresses()
    {
        var forward = Assert.Single(Plan([], Tcp("::1", 80), Tcp("127.0.0.1", 80)).Forwards);
        Assert.Equal("127.0.0.1:80", forward.Guest.ToString());
        forward = Assert.Single(Plan([], Tcp("127.0.0.1", 80), Tcp("::", 80)).Forwards);
        Assert.Equal("[::]:80", forward.Guest.ToString());
        Assert.Empty(Plan([], Tcp("127.0.0.1", 80), Tcp("::", 80)).Crowded);
    }

    [Fact]
    public void Two_ports_do_not_share_one_of_the_host()
    {
        var rule = new PortForwardSpec { GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(8080, 8080) };
        var plan = Plan([rule], Tcp("0.0.0.0", 80), Tcp("127.0.0.1", 8080));
        Assert.Equal(80, Assert.Single(plan.Forwards).Guest.Port);
        var (left, taker) = Assert.Single(plan.Crowded);
        Assert.Equal((8080, 80), (left.Guest.Port, taker.Guest.Port));
    }

    [Fact]
    public void What_no_rule_forwards_is_named_but_what_a_static_rule_covers_is_not()
    {
        var rule = new PortForwardSpec { GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(8080, 8080), Static = true };
        var plan = Plan([rule], Tcp("0.0.0.0", 80), Tcp("192.168.5.15", 90));
        Assert.Equal("TCP 192.168.5.15:90", Assert.Single(plan.NotForwarded).ToString());
    }

    [Fact]
    public void The_order_of_reports_makes_no_difference()
    {
        GuestListener[] listeners = [Tcp("::1", 80), Tcp("127.0.0.1", 80), Tcp("0.0.0.0", 81), Tcp("::", 81), Tcp("127.0.0.2", 3020), Tcp("127.0.0.1", 3020)];
        IEnumerable<Forward> expected = Plan(TruthTable.Rules, listeners).Forwards;
        Assert.Equal(expected, Plan(TruthTable.Rules, [.. listeners.Reverse()]).Forwards);
        Assert.Equal(expected, Plan(TruthTable.Rules, [.. listeners, .. listeners]).Forwards);
    }

    private static GuestListener Tcp(string ip, int port) => new(PortProtocol.Tcp, ip, port);

    private static ForwardPlan Plan(ImmutableArray<PortForwardSpec> rules, params GuestListener[] listeners) =>
        ForwardPlan.Of(new PortRules(rules, 60022), listeners);
}
