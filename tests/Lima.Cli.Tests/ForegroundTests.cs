using Lima.Cli.Tests.Support;
using Lima.Contracts;

namespace Lima.Cli.Tests;

/// <summary><c>limactl start --foreground</c>.</summary>
public sealed class ForegroundTests : IDisposable
{
    private readonly CliRun _cli = new();
    private volatile InstanceView _now = Views.Instance("web", "Stopped");
    private volatile string _events = "";

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("Stopped", "vm.stopped.v1", 0, "")]
    [InlineData("Error", "vm.failed.v1", 1, "instance `web` ended in an error: QEMU crashed")]
    public async Task It_stays_until_the_instance_has_ended(string status, string type, int exit, string message)
    {
        using var host = Host();
        var running = _cli.LimactlAsync("start", "--foreground", "web");
        await UntilFollowedAsync(host);
        Assert.False(running.IsCompleted);
        _now = Views.Instance("web", status) with { Cause = new CauseView("crash", "running", "QEMU crashed") };
        // The stream breaks off, and what it missed comes with the next one.
        _events = Event(type);
        var result = await running;
        Assert.Equal(exit, result.Exit);
        Assert.Contains("READY", result.Error);
        Assert.Contains(message, result.Error);
        Assert.DoesNotContain(host.Requests, request => request.Path.EndsWith("/stop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restart_is_no_end()
    {
        using var host = Host();
        var running = _cli.LimactlAsync("start", "--foreground", "web");
        await UntilFollowedAsync(host);
        _now = Views.Instance("web", "Stopped", intent: "restarting");
        _events = Event("vm.stopped.v1");
        await UntilFollowedAsync(host, after: 42);
        Assert.False(running.IsCompleted);
        _now = Views.Instance("web", "Stopped");
        _events = Event("vm.stopped.v1", 43);
        Assert.Equal(0, (await running).Exit);
    }

    [Fact]
    public async Task An_interruption_shuts_the_instance_down()
    {
        Action? interrupt = null;
        _cli.Interrupt = handler => interrupt = handler;
        using var host = Host();
        var running = _cli.LimactlAsync("start", "--foreground", "web");
        await UntilFollowedAsync(host);
        interrupt!();
        var result = await running;
        Assert.Equal(0, result.Exit);
        Assert.Contains(host.Requests, request => request is { Method: "POST", Path: "/v1/instances/web/stop" });
        Assert.Contains("Shutting down instance `web`", result.Error);
        Assert.Contains("The instance `web` is stopped", result.Error);
    }

    private FakeHost Host() => new(_cli.Home, request =>
    {
        if (request.Method == "POST")
        {
            _now = Views.Instance("web", request.Path.EndsWith("/stop", StringComparison.Ordinal) ? "Stopped" : "Running");
            return Views.Accepted(Views.Instance("web", "Starting"));
        }

        if (request.Path.StartsWith("/v1/host", StringComparison.Ordinal)) return Views.Host(41);
        if (request.Path.Contains("/follow?")) return FakeReply.Events(FakeReply.Settled(_now));
        if (request.Path.StartsWith("/v1/events", StringComparison.Ordinal)) return FakeReply.Events(Interlocked.Exchange(ref _events, ""));
        return Views.One(_now);
    });

    private static string Event(string type, long sequence = 42) => FakeReply.Event(
        StreamNames.Vm,
        new EventView { Sequence = sequence, Time = default, Id = "id-web", Instance = "web", Type = type, Text = type },
        ContractsJson.Default.EventView,
        sequence);

    private static async Task UntilFollowedAsync(FakeHost host, long after = 41)
    {
        for (var round = 0; round < 300; round++)
        {
            if (host.Requests.Any(request => request.Path.StartsWith($"/v1/events?after={after}&", StringComparison.Ordinal))) return;
            await Task.Delay(100);
        }

        Assert.Fail("the events were not followed");
    }
}
