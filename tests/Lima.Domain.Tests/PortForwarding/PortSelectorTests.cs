using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class PortSelectorTests
{
    [Theory]
    [InlineData("8080", "8080:80", true)]
    [InlineData("80", "8080:80", false)]
    [InlineData("8080:80", "8080:80", true)]
    [InlineData("127.0.0.1:8080", "8080:80", true)]
    [InlineData("127.0.0.1:8080:127.0.0.1:80", "8080:80", true)]
    [InlineData("8080:81", "8080:80", false)]
    [InlineData("8080", "0.0.0.0:8080:80", true)]
    [InlineData("127.0.0.1:8080", "0.0.0.0:8080:80", false)]
    [InlineData("8080:80", "0.0.0.0:8080:80", true)]
    [InlineData("8080", "[::1]:8080:80", true)]
    [InlineData("[::1]:8080", "[::1]:8080:80", true)]
    [InlineData("8080/tcp", "8080:80/tcp", true)]
    [InlineData("8080/udp", "8080:80/tcp", false)]
    [InlineData("8080/udp", "8080:80", false)]
    [InlineData("8080", "8080:80/udp", true)]
    [InlineData("9000-9009", "9000-9009:8000-8009", true)]
    [InlineData("9000", "9000-9009:8000-8009", false)]
    [InlineData("/run/a.sock", "/run/a.sock:/g.sock", true)]
    [InlineData("/run/a.sock:80", "/run/a.sock:80", true)]
    [InlineData("/run/b.sock", "/run/a.sock:80", false)]
    [InlineData("auto:80", "auto:80", true)]
    [InlineData("8080:80,static=true", "8080:80,static=true", true)]
    [InlineData("", "8080:80", false)]
    public void A_rule_is_named_by_its_end_at_the_host_or_by_both(string text, string rule, bool expected)
    {
        Assert.True(PortRuleText.TryParse(rule, out var spec, out var problem), problem);
        Assert.Equal(expected, new PortSelector(text).Means(spec));
    }

    [Theory]
    [InlineData("8081", true)]
    [InlineData("8080", true)]
    [InlineData("8081:80", true)]
    [InlineData("127.0.0.1:8081", true)]
    [InlineData("8081/udp", false)]
    [InlineData("80", false)]
    public void A_forward_is_named_by_the_end_it_has_and_by_the_one_it_was_to_have(string text, bool expected)
    {
        var forward = new Forward(PortProtocol.Tcp, new ForwardEnd("127.0.0.1", 80), new ForwardEnd("127.0.0.1", 8080));
        Assert.Equal(expected, new PortSelector(text).Means(forward, new ForwardEnd("127.0.0.1", 8081)));
    }
}
