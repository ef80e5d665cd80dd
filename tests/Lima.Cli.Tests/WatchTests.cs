using System.Text.Json;
using Lima.Cli.Tests.Support;
using Lima.Cli.Watching;
using Lima.Contracts;

namespace Lima.Cli.Tests;

/// <summary><c>limactl watch</c>.</summary>
public sealed class WatchTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Events_are_told_in_Limas_words()
    {
        var story = new WatchStory();
        string[] told =
        [
            .. Told("vm.created.v1", "{}"),
            .. Told("vm.start-requested.v1", "{}"),
            .. Told("vm.boot-prepared.v1", """{"sshPort":60022}"""),
            .. Told("vm.requirement-met.v1", """{"requirement":"ssh"}"""),
            .. Told("vm.requirement-met.v1", """{"requirement":"boot-scripts"}"""),
            .. Told("vm.started.v1", "{}"),
            .. Told("vm.degraded.v1", """{"cause":{"code":"mount","message":"~/src\u001b[0m is not mounted"}}"""),
            .. Told("vm.degraded.v1", """{"cause":{"code":"ssh","message":"no answer"}}"""),
            .. Told("vm.healed.v1", """{"code":"mount"}"""),
            .. Told("vm.healed.v1", """{"code":"ssh"}"""),
            .. Told("vm.paused.v1", "{}"),
            .. Told("vm.resumed.v1", "{}"),
            .. Told("vm.stopped.v1", """{"cause":{"code":"asked","message":"on request"}}"""),
            .. Told("vm.failing.v1", """{"cause":{"code":"panic","message":"the kernel panicked"}}"""),
            .. Told("vm.failed.v1", """{"cause":{"code":"panic","message":"the kernel panicked"}}"""),
            .. Told("vm.unheard-of.v9", "[]"),
        ];
        Assert.Equal(
            [
                "ssh available on port 60022",
                "ssh available on port 60022", "cloud-init completed",
                "running", "ssh available on port 60022",
                "running (degraded)", "ssh available on port 60022", "error: ~/src is not mounted",
                "running (degraded)", "ssh available on port 60022", "error: ~/src is not mounted", "error: no answer",
                "running (degraded)", "ssh available on port 60022", "error: no answer",
                "running", "ssh available on port 60022",
                "running", "ssh available on port 60022",
                "exiting",
                "error: the kernel panicked",
                "exiting", "error: the kernel panicked",
            ],
            told);

        IEnumerable<string> Told(string type, string data) => story.Tell(Happened(1, type, data)) is { } status ? WatchStory.Lines(status) : [];
    }

    [Theory]
    [InlineData("forwarding", "127.0.0.1:8080", null, "forwarding tcp 127.0.0.1:80 to 127.0.0.1:8080")]
    [InlineData("stopped", "127.0.0.1:8080", null, "stopping forwarding tcp 127.0.0.1:80")]
    [InlineData("failed", "127.0.0.1:8080", "in use\u001b[0m", "failed to forward tcp 127.0.0.1:80: in use")]
    [InlineData("not-forwarding", null, null, "not forwarding tcp 127.0.0.1:80")]
    [InlineData("not-forwarding", "127.0.0.1:8080", "in use", "not forwarding tcp 127.0.0.1:80: in use")]
    public void Forwards_are_told_in_Limas_words(string type, string? host, string? error, string line)
    {
        var data = JsonSerializer.Serialize(new PortEventData(type, "tcp", "127.0.0.1:80", host, error), ContractsJson.Default.PortEventData);
        Assert.Equal([line], WatchStory.Lines(WatchStory.TellPort(Happened(1, $"port.{type}", data))!));
    }

    [Fact]
    public void What_is_no_forward_is_not_told() => Assert.Null(WatchStory.TellPort(Happened(1, "port.forwarding", "[]")));

    [Fact]
    public async Task Lines_are_those_that_scripts_read()
    {
        Action? interrupt = null;
        _cli.Interrupt = handler => interrupt = handler;
        using var host = Host(
            """{"requirement":"ssh"}""",
            FakeReply.Event(StreamNames.Progress, new ProgressView { Instance = "web", Step = "Booting", Detail = "Reached target\u0007" }, ContractsJson.Default.ProgressView),
            FakeReply.Event(StreamNames.Progress, new ProgressView { Instance = "other", Step = "Booting", Detail = "nobody asked" }, ContractsJson.Default.ProgressView),
            FakeReply.Event(StreamNames.Port, Happened(42, "port.forwarding", """{"type":"forwarding","protocol":"tcp","guestAddr":"127.0.0.1:80","hostAddr":"127.0.0.1:80"}"""), ContractsJson.Default.EventView));
        var running = _cli.LimactlAsync("watch", "--json", "web");
        await UntilReadAsync(host);
        interrupt!();
        var result = await running;
        Assert.Equal(0, result.Exit);
        Assert.Contains(host.Requests, request => request.Path == "/v1/events?after=41&follow=true&progress=true");
        var lines = result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("""{"instance":"web","event":{"time":"2026-01-31T12:00:00+00:00","status":{"sshLocalPort":60022}}}""", lines[0]);
        using var progress = JsonDocument.Parse(lines[1]);
        Assert.Equal(
            """{"logLine":"Reached target\\x07","active":true}""",
            progress.RootElement.GetProperty("event").GetProperty("status").GetProperty("cloudInitProgress").GetRawText());
        Assert.Equal(
            """{"instance":"web","event":{"time":"2026-01-31T12:00:00+00:00","status":{"portForward":{"type":"forwarding","protocol":"tcp","guestAddr":"127.0.0.1:80","hostAddr":"127.0.0.1:80"}}}}""",
            lines[2]);
        Assert.Equal(3, lines.Length);
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Watching for events\.\.\.\n$", result.Error);
    }

    [Fact]
    public async Task History_begins_with_the_first_event_and_new_instances_are_told()
    {
        Action? interrupt = null;
        _cli.Interrupt = handler => interrupt = handler;
        using var host = Host(
            "{}", FakeReply.Event(StreamNames.Vm, Happened(43, "vm.created.v1", "{}") with { Instance = "new" }, ContractsJson.Default.EventView, 43));
        var running = _cli.LimactlAsync("watch", "--history", "--verbose");
        await UntilReadAsync(host);
        interrupt!();
        var result = await running;
        Assert.Contains(host.Requests, request => request.Path == "/v1/events?after=0&follow=true&progress=true");
        Assert.Contains("New instance detected: new", result.Error);
        Assert.Contains("[web] as it is", result.Error);
        Assert.Empty(result.Out);
    }

    private FakeHost Host(string data, params string[] more) => new(_cli.Home, request => request.Path switch
    {
        "/v1/instances" => Views.List(Views.Instance("web")),
        _ when request.Path.StartsWith("/v1/host", StringComparison.Ordinal) => Views.Host(41),
        // A stream that ends is taken up after the last event: that is how it is known to have been read.
        _ when request.Path.Contains("after=41&") || request.Path.Contains("after=0&") => FakeReply.Events(
            [FakeReply.Event(StreamNames.Vm, Happened(42, "vm.requirement-met.v1", data), ContractsJson.Default.EventView, 42), .. more]),
        _ => FakeReply.Events() with { Hold = true },
    });

    private static async Task UntilReadAsync(FakeHost host)
    {
        for (var round = 0; round < 300; round++)
        {
            if (host.Requests.Count(request => request.Path.StartsWith("/v1/events", StringComparison.Ordinal)) > 1) return;
            await Task.Delay(100);
        }

        Assert.Fail("the stream was not taken up again");
    }

    private static EventView Happened(long sequence, string type, string data) => new()
    {
        Sequence = sequence, Time = Noon, Id = "id-web", Instance = "web", Type = type, Text = "as it is", Data = JsonDocument.Parse(data).RootElement,
    };
}
