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

    [Theory]
    [InlineData("0.0.0.0", false, true)]
    [InlineData("::", true, true)]
    [InlineData("::", false, false)]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("::1", false, false)]
    public void What_is_reached_from_outside_of_the_guest_is_known(string ip, bool takesIPv4, bool isReached) =>
        Assert.Equal(isReached, Assert.Single(Plan([], Tcp(ip, 80) with { TakesIPv4 = takesIPv4 }).Forwards).GuestTakesIPv4);

    [Fact]
    public void The_order_of_reports_makes_no_difference()
    {
        GuestListener[] listeners = [Tcp("::1", 80), Tcp("127.0.0.1", 80), Tcp("0.0.0.0", 81), Tcp("::", 81), Tcp("127.0.0.2", 3020), Tcp("127.0.0.1", 3020)];
        IEnumerable<Forward> expected = Plan(TruthTable.Rules, listeners).Forwards;
        Assert.Equal(expected, Plan(TruthTable.Rules, [.. listeners.Reverse()]).Forwards);
        Assert.Equal(expected, Plan(TruthTable.Rules, [.. listeners, .. listeners]).Forwards);
    }

    [Theory]
    // listener, rules: what is forwarded besides what Lima forwards.
    [InlineData("127.0.0.1:80", "", "TCP from 127.0.0.1:80 to 127.64.0.9:80")]
    [InlineData("0.0.0.0:80", "8080:80", "TCP from 0.0.0.0:80 to 127.64.0.9:80")]
    [InlineData("[::1]:80", "", "TCP from [::1]:80 to 127.64.0.9:80")]
    [InlineData("127.0.0.1:80", "10.0.0.1:8080:80", "")]
    [InlineData("127.0.0.1:80", "0.0.0.0:80:80", "")]
    [InlineData("127.0.0.1:80", "/run/web.sock:80", "")]
    [InlineData("127.0.0.1:80", "127.64.0.9:80:80", "")]
    [InlineData("192.168.5.15:80", "", "")]
    [InlineData("0.0.0.0:22", "", "")]
    [InlineData("0.0.0.0:53", "", "")]
    public void The_ports_of_a_vm_are_on_its_own_address_as_they_are_in_the_guest(string listener, string rule, string own)
    {
        ImmutableArray<PortForwardSpec> rules = rule.Length == 0 ? [] : [Rule(rule)];
        var end = System.Net.IPEndPoint.Parse(listener);
        var heard = Tcp(end.Address.ToString(), end.Port);
        var plain = Plan(rules, heard);
        var plan = Own(rules, heard);
        Assert.Equal(own, string.Join(", ", plan.Forwards.Where(f => f.IsOwn)));
        Assert.Equal(plain.Forwards, plan.Forwards.Where(f => !f.IsOwn));
        Assert.Equal(plain.NotForwarded.AsEnumerable(), plan.NotForwarded);
        Assert.Empty(plan.Crowded);
    }

    [Fact]
    public void What_is_not_to_be_forwarded_is_not_on_the_own_address_and_what_is_static_is()
    {
        var never = new PortForwardSpec { GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(80, 80), GuestIp = "0.0.0.0", Ignore = true };
        Assert.Empty(Own([never], Tcp("0.0.0.0", 80)).Forwards);
        var rule = new PortForwardSpec { GuestPorts = new PortRange(80, 81), HostPorts = new PortRange(8080, 8081), Static = true };
        Assert.Equal(
            ["TCP from 127.0.0.1:80 to 127.64.0.9:80", "TCP from 127.0.0.1:81 to 127.64.0.9:81"],
            Own([rule]).Forwards.Where(f => f.IsOwn).Select(f => f.ToString()));
        Assert.All(Own([rule]).Forwards, f => Assert.True(f.Static));
    }

    [Fact]
    public void A_rule_that_names_the_own_address_itself_comes_before()
    {
        var plan = Own([Rule("127.64.0.9:80:8080")], Tcp("127.0.0.1", 80), Tcp("127.0.0.1", 8080));
        Assert.Equal(8080, plan.Forwards.Single(f => f.Host == new ForwardEnd("127.64.0.9", 80)).Guest.Port);
        Assert.Empty(plan.Crowded);
    }

    [Fact]
    public void Each_forward_knows_its_rule_and_a_rule_without_one_waits()
    {
        var (web, db, never) = (Rule("8080:80"), Rule("5433:5432"), new PortForwardSpec { GuestPorts = new PortRange(1, 9), HostPorts = new PortRange(1, 9), Ignore = true });
        var plan = Own([never, web, db], Tcp("127.0.0.1", 80), Tcp("127.0.0.1", 90));
        Assert.Equal(db, Assert.Single(plan.Waiting));
        Assert.Equal(2, plan.Rules.Count);
        Assert.All(plan.Rules, pair => Assert.Equal((web, 80), (pair.Value, pair.Key.Guest.Port)));
    }

    [Fact]
    public void Another_port_of_the_host_does_where_the_rule_or_the_policy_says_so()
    {
        Assert.True(Assert.Single(Plan([Rule("auto:80")], Tcp("127.0.0.1", 80)).Forwards).AnyHostPort);
        Assert.False(Assert.Single(Plan([Rule("80")], Tcp("127.0.0.1", 80)).Forwards).AnyHostPort);
        var plan = ForwardPlan.Of(new PortRules([], 0), [Tcp("127.0.0.1", 80)], new PortPolicy("127.64.0.9", NextFree: true));
        Assert.Equal([true, false], plan.Forwards.Select(f => f.AnyHostPort));
    }

    private static PortForwardSpec Rule(string text) => PortRuleText.TryParse(text, out var rule, out var problem) ? rule : throw new FormatException(problem);

    private static ForwardPlan Own(ImmutableArray<PortForwardSpec> rules, params GuestListener[] listeners) =>
        ForwardPlan.Of(new PortRules(rules, 60022), listeners, new PortPolicy("127.64.0.9"));

    private static GuestListener Tcp(string ip, int port) => new(PortProtocol.Tcp, ip, port);

    private static ForwardPlan Plan(ImmutableArray<PortForwardSpec> rules, params GuestListener[] listeners) =>
        ForwardPlan.Of(new PortRules(rules, 60022), listeners);
}
