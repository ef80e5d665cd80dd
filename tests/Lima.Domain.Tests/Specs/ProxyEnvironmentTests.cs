using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.Specs;

public sealed class ProxyEnvironmentTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080/path", "http://192.168.5.2:8080/path")]
    [InlineData("http://localhost:3128", "http://192.168.5.2:3128")]
    [InlineData("http://[::1]:3128/", "http://192.168.5.2:3128/")]
    [InlineData("http://localhost:localhost@localhost:80", "http://localhost:localhost@192.168.5.2:80")]
    [InlineData("socks5://user:secret@127.0.0.1:1080", "socks5://user:secret@192.168.5.2:1080")]
    [InlineData("http://proxy.example.com:3128", "http://proxy.example.com:3128")]
    [InlineData("://localhost:8080", "://localhost:8080")]
    public void A_proxy_on_loopback_is_reached_through_the_gateway(string host, string guest)
    {
        var merged = Merge([], ("https_proxy", host));
        Assert.Equal(guest, merged["https_proxy"]);
        Assert.Equal(guest, merged["HTTPS_PROXY"]);
    }

    [Fact]
    public void The_host_wins_over_the_template_and_the_lower_case_name_over_the_upper()
    {
        var merged = Merge([("HTTP_PROXY", "http://template:1"), ("OTHER", "x")], ("http_proxy", "http://lower:1"), ("HTTP_PROXY", "http://upper:1"));
        Assert.Equal("http://lower:1", merged["http_proxy"]);
        Assert.Equal("http://lower:1", merged["HTTP_PROXY"]);
        Assert.Equal("x", merged["OTHER"]);
    }

    [Fact]
    public void A_name_of_the_template_gets_its_other_spelling()
    {
        var merged = Merge([("HTTP_PROXY", "http://template:1")]);
        Assert.Equal("http://template:1", merged["http_proxy"]);
    }

    [Fact]
    public void An_empty_value_removes_the_variable() =>
        Assert.Empty(Merge([("http_proxy", "http://template:1"), ("HTTP_PROXY", "http://template:1")], ("http_proxy", "")));

    [Fact]
    public void Exceptions_keep_loopback_names() =>
        Assert.Equal("localhost,127.0.0.1", Merge([], ("NO_PROXY", "localhost,127.0.0.1"))["no_proxy"]);

    [Fact]
    public void A_value_that_would_break_the_file_is_left_out() => Assert.Empty(Merge([], ("http_proxy", "http://a\nroot=1")));

    private static ImmutableDictionary<string, string> Merge((string Key, string Value)[] env, params (string Key, string Value)[] host)
    {
        var variables = host.ToDictionary(h => h.Key, h => h.Value);
        return ProxyEnvironment.Merge(env.ToImmutableDictionary(e => e.Key, e => e.Value), variables.GetValueOrDefault, "192.168.5.2");
    }
}
