using System.Net;
using Lima.Domain.PortForwarding;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class LoopbackAddressesTests
{
    [Theory]
    [InlineData("default", "127.89.33.4")]
    [InlineData("web", "127.118.68.127")]
    [InlineData("db", "127.85.209.116")]
    public void A_name_has_the_same_address_always_and_everywhere(string name, string address)
    {
        Assert.Equal(address, LoopbackAddresses.Of(name, []));
        Assert.Equal(address, LoopbackAddresses.Of(name, ["other", name, "a", "zzz"]));
    }

    [Fact]
    public void Each_of_many_names_has_an_address_of_its_own_within_the_range()
    {
        var all = LoopbackAddresses.Of(Enumerable.Range(0, 20_000).Select(i => $"vm{i}"));
        Assert.Equal(20_000, all.Values.Distinct().Count());
        Assert.All(all.Values, text =>
        {
            var bytes = IPAddress.Parse(text).GetAddressBytes();
            Assert.True(bytes[0] == 127 && bytes[1] is >= 64 and < 128 && bytes[3] is > 0 and < 255, text);
            Assert.True(LoopbackAddresses.Contains(text));
        });
    }

    [Fact]
    public void Of_two_names_on_one_address_the_first_has_it_and_the_other_the_next()
    {
        var (first, second) = Colliding();
        var both = LoopbackAddresses.Of([second, first]);
        Assert.Equal(LoopbackAddresses.Of(first, []), both[first]);
        Assert.NotEqual(both[first], both[second]);
        Assert.Equal(both, LoopbackAddresses.Of([first, second]));
        // Alone again, it has the one that its name gives.
        Assert.Equal(both[first], LoopbackAddresses.Of(second, []));
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.64.0.1", true)]
    [InlineData("127.127.255.254", true)]
    [InlineData("127.128.0.1", false)]
    [InlineData("10.64.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("", false)]
    public void Others_are_not_taken_for_one_of_these(string ip, bool expected) => Assert.Equal(expected, LoopbackAddresses.Contains(ip));

    private static (string First, string Second) Colliding()
    {
        var seen = new Dictionary<string, string>();
        for (var i = 0; ; i++)
        {
            var name = $"n{i:D6}";
            if (!seen.TryAdd(LoopbackAddresses.Of(name, []), name)) return (seen[LoopbackAddresses.Of(name, [])], name);
        }
    }
}
