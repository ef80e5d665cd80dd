using System.Text.Json;
using Lima.Cli.Tests.Support;
using Lima.Contracts;

namespace Lima.Cli.Tests;

/// <summary><c>limactl port</c>.</summary>
public sealed class PortTests : IDisposable
{
    private static readonly PortView Web = new()
    {
        Protocol = "tcp", GuestAddress = "127.0.0.1:80", HostAddress = "127.0.0.1:8080", State = "forwarding", Path = "ssh", Rule = "8080:80",
    };

    private static readonly PortView Taken = Web with
    {
        HostAddress = "127.0.0.1:9090", State = "failed", Path = null, Rule = "9090:80",
        Problem = new CauseView("port-in-use", "forwarding a port", "127.0.0.1:9090 of the host is in use by instance `db`", "choose another `hostPort`"),
    };

    private readonly CliRun _cli = new();
    private FakeHost? _host;
    private int _asked;

    public void Dispose()
    {
        _host?.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task Forwards_are_listed_with_their_ends_their_way_and_what_is_wrong()
    {
        Answer(Web, Web with { HostAddress = "127.64.1.2:80", Own = true }, Taken, new PortView { Protocol = "any", GuestAddress = "127.0.0.1:5432", HostAddress = "127.0.0.1:5433", State = "waiting", Rule = "5433:5432" });
        Assert.Equal(
            """
            PROTO    GUEST             HOST              STATE         PATH    NOTE
            tcp      127.0.0.1:80      127.0.0.1:8080    forwarding    ssh     
            tcp      127.0.0.1:80      127.64.1.2:80     forwarding    ssh     
            tcp      127.0.0.1:80      127.0.0.1:9090    failed        -       127.0.0.1:9090 of the host is in use by instance `db`; choose another `hostPort`
            any      127.0.0.1:5432    127.0.0.1:5433    waiting       -       nothing listens there in the guest

            """, (await _cli.LimactlAsync("port", "list", "web")).Out);
        var json = (await _cli.LimactlAsync("port", "ls", "--json", "web")).Out.Split('\n');
        Assert.Equal(Web, JsonSerializer.Deserialize(json[0], ContractsJson.Default.PortView));
        Assert.Equal(5, json.Length);
        Assert.Equal(
            "127.0.0.1:8080 false ssh \n127.64.1.2:80 true ssh \n127.0.0.1:9090 false  port-in-use\n127.0.0.1:5433 false  \n",
            (await _cli.LimactlAsync("port", "list", "--format", "{{.HostAddress}} {{.Own}} {{.Path}} {{.Problem.Code}}", "web")).Out);
        Assert.Equal(2, (await _cli.LimactlAsync("port", "list", "--json", "--format", "x", "web")).Exit);
    }

    [Fact]
    public async Task Nothing_forwarded_is_said_on_standard_error()
    {
        Answer();
        var result = await _cli.LimactlAsync("port", "list", "web");
        Assert.Equal((0, "", "level=warning msg=\"Instance `web` forwards nothing now.\"\n"), (result.Exit, result.Out, result.Messages));
    }

    [Fact]
    public async Task What_is_added_is_waited_for_and_told_in_Limas_words()
    {
        Answer(Web, Web with { HostAddress = "127.0.0.1:5433", GuestAddress = "127.0.0.1:5432", Protocol = "any", State = "waiting", Rule = "5433:5432/udp" });
        var result = await _cli.LimactlAsync("port", "add", "--proto", "udp", "web", "8080:80/tcp", "5433:5432");
        Assert.Equal(0, result.Exit);
        var request = JsonSerializer.Deserialize(_host!.Requests.Single(r => r.Path.EndsWith("/ports/add", StringComparison.Ordinal)).Body, ContractsJson.Default.PortsRequest)!;
        Assert.Equal(["8080:80/tcp", "5433:5432/udp"], request.Ports);
        Assert.False(request.Save);
        Assert.Contains("Forwarding from 127.0.0.1:5432 to 127.0.0.1:5433 until the instance stops, once something listens there", result.Messages, StringComparison.Ordinal);
        Assert.True(_asked > 1, "what was pending was not waited for");
    }

    [Fact]
    public async Task An_end_that_is_taken_is_an_error_with_its_way_out()
    {
        Answer(Taken);
        var result = await _cli.LimactlAsync("port", "add", "web", "9090:80");
        Assert.Equal(1, result.Exit);
        Assert.Contains("127.0.0.1:9090 is not forwarded: 127.0.0.1:9090 of the host is in use by instance `db`", result.Messages, StringComparison.Ordinal);
        Assert.Contains("choose another `hostPort`", result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_saved_is_waited_for_until_it_is_written()
    {
        Answer(Web);
        var done = await _cli.LimactlAsync("port", "add", "--save", "--static", "web", "8080:80");
        Assert.Equal(0, done.Exit);
        Assert.Contains(_host!.Requests, r => r.Path.EndsWith("/follow?after=7", StringComparison.Ordinal));
        Assert.Contains("8080:80,static=true", _host.Requests.Single(r => r.Path.EndsWith("/ports/add", StringComparison.Ordinal)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_forward_is_told_before_anything_is_asked()
    {
        Answer();
        var result = await _cli.LimactlAsync("port", "add", "web", "x", "2222:22");
        Assert.Equal(2, result.Exit);
        Assert.Contains("`x` is no forward", result.Messages, StringComparison.Ordinal);
        Assert.Contains("`2222:22` is no forward", result.Messages, StringComparison.Ordinal);
        Assert.Empty(_host!.Requests);
        Assert.Equal(2, (await _cli.LimactlAsync("port", "add", "web")).Exit);
        Assert.Equal(2, (await _cli.LimactlAsync("port", "add", "--proto", "icmp", "web", "80")).Exit);
    }

    [Fact]
    public async Task What_is_removed_is_named_by_the_hosts_end()
    {
        Answer(Web);
        var result = await _cli.LimactlAsync("port", "rm", "--proto=tcp", "web", "8080");
        Assert.Equal((0, "level=info msg=\"Instance `web` forwards 8080/tcp no longer until it stops\"\n"), (result.Exit, result.Messages));
    }

    [Fact]
    public async Task Names_and_ends_of_the_host_are_completed()
    {
        Answer(Web, Web with { HostAddress = "127.64.1.2:80", Own = true }, Taken);
        Assert.Equal("add\nlist\nremove\n", (await _cli.LimactlAsync("__complete", "port", "")).Out);
        foreach (var verb in new[] { "list", "add", "remove" }) Assert.Equal("web\n", (await _cli.LimactlAsync("__complete", "port", verb, "")).Out);
        Assert.Equal("127.0.0.1:8080\n127.0.0.1:9090\n", (await _cli.LimactlAsync("__complete", "port", "remove", "web", "")).Out);
        Assert.Equal("", (await _cli.LimactlAsync("__complete", "port", "add", "web", "")).Out);
        Assert.Equal("any\ntcp\nudp\n", (await _cli.LimactlAsync("__complete", "port", "add", "--proto", "")).Out);
    }

    private void Answer(params PortView[] ports) => _host = new FakeHost(_cli.Home, request => request.Path switch
    {
        "/v1/instances" or "/v1/instances?config=false" => Views.List(Views.Instance("web")),
        "/v1/instances/web" => Views.One(Views.Instance("web") with { DriverPid = 1 }),
        "/v1/instances/web/ports" => FakeReply.Json(
            new PortList(ports, Pending: _host!.Requests.Any(r => r.Path.EndsWith("/add", StringComparison.Ordinal)) && ++_asked == 1), ContractsJson.Default.PortList),
        _ when request.Path.Contains("/follow", StringComparison.Ordinal) => FakeReply.Events(FakeReply.Settled(Views.Instance("web"))),
        _ => Views.Accepted(Views.Instance("web")),
    });
}
