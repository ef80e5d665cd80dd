using Lima.Domain.Names;

namespace Lima.Domain.Tests.Names;

public sealed class ResolvConfTests
{
    [Theory]
    [InlineData("nameserver 10.0.0.1\nnameserver 10.0.0.2\n", null, "10.0.0.1 10.0.0.2")]
    [InlineData("# a comment\n;another\nsearch x\n\tnameserver\t10.0.0.1 # more\r\nnameserver 10.0.0.1\nnameserver nonsense\nnameserver\n", null, "10.0.0.1")]
    [InlineData("nameserver fe80::1\n", null, "fe80::1")]
    [InlineData("search x\n", null, "127.0.0.1")]
    [InlineData(null, "nameserver 9.9.9.9\n", "127.0.0.1")]
    [InlineData("nameserver 127.0.0.53\noptions edns0\n", "nameserver 10.0.0.1\nnameserver 10.0.0.2\n", "127.0.0.53 10.0.0.1 10.0.0.2")]
    [InlineData("nameserver 127.0.0.53\n", null, "127.0.0.53")]
    [InlineData("nameserver 10.0.0.7\n", "nameserver 10.0.0.1\n", "10.0.0.7")]
    public void The_servers_are_those_of_the_file(string? text, string? behindStub, string expected) =>
        Assert.Equal(expected, string.Join(' ', ResolvConf.Upstream(text, behindStub)));

    [Fact]
    public void No_more_than_a_few_are_asked() => Assert.Equal(
        ResolvConf.ServersMax, ResolvConf.Upstream(string.Concat(Enumerable.Range(1, 200).Select(n => $"nameserver 10.0.0.{n}\n")), null).Length);
}
