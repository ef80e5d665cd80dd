using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class PortRuleTextTests
{
    [Theory]
    // written, host, guest, protocol, shortest form
    [InlineData("8080", "127.0.0.1:8080", "127.0.0.1:8080", PortProtocol.Any, "8080:8080")]
    [InlineData("8080:80", "127.0.0.1:8080", "127.0.0.1:80", PortProtocol.Any, "8080:80")]
    [InlineData("8080:80/tcp", "127.0.0.1:8080", "127.0.0.1:80", PortProtocol.Tcp, "8080:80/tcp")]
    [InlineData("5353:53/udp", "127.0.0.1:5353", "127.0.0.1:53", PortProtocol.Udp, "5353:53/udp")]
    [InlineData("0.0.0.0:8080:80", "0.0.0.0:8080", "127.0.0.1:80", PortProtocol.Any, "0.0.0.0:8080:80")]
    [InlineData("127.0.0.1:8080:127.0.0.1:80", "127.0.0.1:8080", "127.0.0.1:80", PortProtocol.Any, "8080:80")]
    [InlineData("8080:192.168.5.15:80", "127.0.0.1:8080", "192.168.5.15:80", PortProtocol.Any, "8080:192.168.5.15:80")]
    [InlineData("10.0.0.1:8080:0.0.0.0:80", "10.0.0.1:8080", "0.0.0.0:80", PortProtocol.Any, "10.0.0.1:8080:0.0.0.0:80")]
    [InlineData("[::]:8080:[::1]:80", "[::]:8080", "[::1]:80", PortProtocol.Any, "[::]:8080:[::1]:80")]
    [InlineData("9000-9009:8000-8009", "127.0.0.1:9000-9009", "127.0.0.1:8000-8009", PortProtocol.Any, "9000-9009:8000-8009")]
    [InlineData("10.0.0.1:9000-9001", "10.0.0.1:9000-9001", "127.0.0.1:9000-9001", PortProtocol.Any, "10.0.0.1:9000-9001:9000-9001")]
    [InlineData("auto:80", "127.0.0.1:auto", "127.0.0.1:80", PortProtocol.Any, "auto:80")]
    [InlineData("0.0.0.0:auto:80", "0.0.0.0:auto", "127.0.0.1:80", PortProtocol.Any, "0.0.0.0:auto:80")]
    [InlineData("/run/a.sock:/var/run/docker.sock", "/run/a.sock", "/var/run/docker.sock", PortProtocol.Any, "/run/a.sock:/var/run/docker.sock")]
    [InlineData("/run/a.sock:80", "/run/a.sock", "127.0.0.1:80", PortProtocol.Any, "/run/a.sock:80")]
    [InlineData("8080:80/tcp,static=true", "127.0.0.1:8080", "127.0.0.1:80", PortProtocol.Tcp, "8080:80/tcp,static=true")]
    [InlineData("/h.sock:/g.sock,reverse=true,static=false", "/h.sock", "/g.sock", PortProtocol.Any, "/h.sock:/g.sock,reverse=true")]
    [InlineData("2375:/var/run/docker.sock", "127.0.0.1:2375", "/var/run/docker.sock", PortProtocol.Any, "2375:/var/run/docker.sock")]
    public void What_people_write_is_a_rule_and_the_rule_can_be_written(string text, string host, string guest, PortProtocol protocol, string shortest)
    {
        Assert.True(PortRuleText.TryParse(text, out var rule, out var problem), problem);
        Assert.Equal((host, guest, protocol), (PortRuleText.HostEnd(rule), PortRuleText.GuestEnd(rule), rule.Protocol));
        Assert.Equal(shortest, PortRuleText.Of(rule));
        Assert.True(PortRuleText.TryParse(shortest, out var again, out _));
        Assert.Equal(rule, again);
    }

    [Theory]
    [InlineData("", "a port is missing")]
    [InlineData("web", "`web` is neither a port")]
    [InlineData("0:80", "`0` is neither a port")]
    [InlineData("65536", "`65536` is neither a port")]
    [InlineData("8080:", "", true)]
    [InlineData("8080:80:90", "`90` is too much")]
    [InlineData("80-70:80-70", "`80-70` is neither a port")]
    [InlineData("9000-9009:8000-8001", "the same number of ports")]
    [InlineData("9000-9009:/g.sock", "the same number of ports")]
    [InlineData("auto:80-81", "`auto` is for a single port")]
    [InlineData("auto", "the end in the guest is missing")]
    [InlineData("/run/a.sock", "the end in the guest is missing")]
    [InlineData("8080:auto", "`auto` is for the host's port")]
    [InlineData("auto:/g.sock", "`auto` needs a port in the guest")]
    [InlineData("[x]:80:80", "`[x]` is no address")]
    [InlineData("2222:22", "port 22 of the guest is not forwarded")]
    [InlineData("1-100", "port 22 of the guest is not forwarded")]
    [InlineData("8080:80,fast=true", "`fast=true` is neither")]
    [InlineData("8080:80,reverse=true", "only a socket")]
    [InlineData("run/a.sock:80", "nor an absolute path")]
    public void What_is_wrong_is_said(string text, string problem, bool isWell = false)
    {
        Assert.Equal(isWell, PortRuleText.TryParse(text, out _, out var said));
        if (isWell) return;
        Assert.Contains(problem, said, StringComparison.Ordinal);
        Assert.StartsWith($"`{text}` is no forward: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_sockets_lead_the_other_way()
    {
        Assert.True(PortRuleText.TryParse("/h.sock:/g.sock", out var sockets, out _));
        Assert.True(PortRuleText.TryParse("8080:/g.sock", out var port, out _));
        Assert.Equal("", PortRuleText.Problem(sockets with { Reverse = true }));
        Assert.NotEqual("", PortRuleText.Problem(port with { Reverse = true }));
        Assert.Contains("at most 107 bytes", PortRuleText.Problem(sockets with { HostSocket = "/" + new string('h', 107) }), StringComparison.Ordinal);
    }
}
