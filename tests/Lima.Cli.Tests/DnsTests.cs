using System.Text.Json;
using Lima.Cli.Tests.Support;
using Lima.Contracts;

namespace Lima.Cli.Tests;

public sealed class DnsTests : IDisposable
{
    private static readonly DnsView Off = new()
    {
        Domain = "lima.internal", Port = 0, Works = false, File = "/etc/resolv.conf", Servers = ["127.0.0.53", "10.0.0.1"],
        Instances = [new DnsInstance("db", ["db.lima.internal", "lima-db.internal"], null), new DnsInstance("web", ["web.lima.internal", "lima-web.internal"], "127.7.8.9")],
    };

    private readonly CliRun _cli = new();
    private FakeHost? _host;

    public void Dispose()
    {
        _host?.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task It_shows_how_it_is_and_what_to_do()
    {
        Answer(_ => View(Off));
        var off = await _cli.LimactlAsync("dns");
        Assert.Equal(0, off.Exit);
        Assert.Contains("Server:    none (`limactl dns enable` makes one)\n", off.Out, StringComparison.Ordinal);
        Assert.Contains("go to 127.0.0.53, 10.0.0.1 (/etc/resolv.conf)\n", off.Out, StringComparison.Ordinal);
        Assert.Matches("(?m)^web +127\\.7\\.8\\.9 +web\\.lima\\.internal lima-web\\.internal *$", off.Out);
        Assert.Matches("(?m)^db +- +db\\.lima\\.internal", off.Out);
        Assert.DoesNotContain("resolved", off.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5354, null, false, true)]
    [InlineData(5354, null, true, false)]
    [InlineData(5354, "port 5354 on 127.0.0.1 cannot be used", false, false)]
    public async Task What_to_do_is_told_where_there_is_something_to_do(int port, string? problem, bool works, bool told)
    {
        Answer(_ => View(Off with { Port = port, Problem = problem, Works = works }));
        var result = await _cli.LimactlAsync("dns");
        Assert.Contains($"Server:    {problem ?? $"127.0.0.1:{port}"}\n", result.Out, StringComparison.Ordinal);
        Assert.Equal(told, result.Out.Contains("printf '[Resolve]\\nDNS=127.0.0.1:5354\\nDomains=~lima.internal\\n'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_is_switched_on_and_off()
    {
        Answer(r => View(Off with { Port = JsonSerializer.Deserialize(r.Body, ContractsJson.Default.DnsRequest)!.Port }));
        var on = await _cli.LimactlAsync("dns", "enable");
        Assert.Equal((0, "level=info msg=\"The host answers for `lima.internal` at 127.0.0.1:5354\"\n"), (on.Exit, on.Messages));
        Assert.Contains("sudo systemctl restart systemd-resolved", on.Out, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:53535", (await _cli.LimactlAsync("dns", "enable", "--port", "53535")).Messages, StringComparison.Ordinal);
        Assert.Equal(2, (await _cli.LimactlAsync("dns", "enable", "--port", "0")).Exit);
        Assert.Contains("does not answer", (await _cli.LimactlAsync("dns", "disable")).Messages, StringComparison.Ordinal);
        Assert.Equal(["POST", "POST", "POST"], _host!.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task Programs_get_the_hosts_answer()
    {
        Answer(_ => View(Off));
        var result = await _cli.LimactlAsync("dns", "--json");
        Assert.Equal("127.7.8.9", JsonSerializer.Deserialize(result.Out, ContractsJson.Default.DnsView)!.Instances[1].Address);
    }

    private void Answer(Func<FakeRequest, FakeReply> answer) => _host = new FakeHost(_cli.Home, answer);

    private static FakeReply View(DnsView view) => FakeReply.Json(view, ContractsJson.Default.DnsView);
}
