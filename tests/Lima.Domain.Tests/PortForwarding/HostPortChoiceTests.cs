using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class HostPortChoiceTests
{
    [Theory]
    [InlineData(8080, "8080 8081 8082")]
    [InlineData(80, "80 8080 8081")]
    [InlineData(443, "443 8443 8444")]
    [InlineData(1023, "1023 9023 9024")]
    [InlineData(1024, "1024 1025 1026")]
    [InlineData(65534, "65534 65535 1024")]
    public void The_next_ones_are_tried_and_none_that_is_privileged(int wanted, string first) =>
        Assert.Equal(first, string.Join(' ', HostPortChoice.Of(Forward(wanted, any: true), new HashSet<ForwardEnd>()).Take(3).Select(end => end.Port)));

    [Fact]
    public void Tries_have_an_end_and_leave_alone_what_others_want()
    {
        var all = HostPortChoice.Of(Forward(8080, any: true), new HashSet<ForwardEnd> { new("127.0.0.1", 8081), new("0.0.0.0", 8082) }).ToList();
        Assert.Equal([8080, 8082, 8083], all.Take(3).Select(end => end.Port));
        Assert.Equal(HostPortChoice.TriesMax - 1, all.Count);
        Assert.All(all, end => Assert.Equal("127.0.0.1", end.Ip));
    }

    [Fact]
    public void Where_another_does_not_do_there_is_one_try() =>
        Assert.Equal([new ForwardEnd("127.0.0.1", 8080)], HostPortChoice.Of(Forward(8080, any: false), new HashSet<ForwardEnd>()));

    private static Forward Forward(int port, bool any) =>
        new(PortProtocol.Tcp, new ForwardEnd("127.0.0.1", 80), new ForwardEnd("127.0.0.1", port)) { AnyHostPort = any };
}
