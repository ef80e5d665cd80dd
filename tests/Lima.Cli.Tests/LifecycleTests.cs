using System.Text.Json;
using Lima.Cli.Tests.Support;
using Lima.Contracts;

namespace Lima.Cli.Tests;

public sealed class LifecycleTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private static CommandRequest Command(FakeRequest request) => JsonSerializer.Deserialize(request.Body, ContractsJson.Default.CommandRequest)!;

    [Fact]
    public async Task Start_follows_the_boot_and_says_how_to_go_on()
    {
        using var host = new FakeHost(_cli.Home, request => (request.Method, request.Path) switch
        {
            ("GET", "/v1/instances/web") => Views.One(Views.Instance("web", "Stopped")),
            ("POST", "/v1/instances/web/start") => Views.Accepted(Views.Instance("web", "Starting")),
            ("GET", "/v1/instances/web/follow?after=7") => FakeReply.Events(
                ": keep-alive\n\n", FakeReply.Progress("Waiting for the guest"), FakeReply.Settled(Views.Instance("web") with { Message = "hello" })),
            _ => FakeReply.Error(500, "unexpected", request.Path),
        });
        var result = await _cli.LimactlAsync("start", "--timeout", "1m30s", "web");
        Assert.Equal(
            """
            level=info msg="Using the existing instance `web`"
            level=info msg="Waiting for the guest"
            level=info msg="READY. Run `limactl shell web` to open the shell."
            level=info msg="Message from the instance `web`:\nhello"

            """,
            result.Messages);
        Assert.Equal((0, ""), (result.Exit, result.Out));
        Assert.Equal(90, Command(host.Requests.Single(request => request.Method == "POST")).TimeoutSeconds);
    }

    [Fact]
    public async Task A_failed_start_names_phase_cause_way_out_and_the_console()
    {
        var directory = Directory.CreateDirectory(Path.Combine(_cli.Home, "web")).FullName;
        File.WriteAllText(Path.Combine(directory, "serial.log"), "booting\r\nKernel panic\a - not syncing\e[0m\r\n");
        var failed = Views.Instance("web", "Error") with { Dir = directory, Cause = new CauseView("panic", "booting", "the kernel panicked", "look at the console") };
        using var host = new FakeHost(_cli.Home, request => request switch
        {
            { Method: "POST" } => Views.Accepted(failed),
            { Path: "/v1/instances/web" } => Views.One(Views.Instance("web", "Stopped")),
            _ => FakeReply.Events(FakeReply.Settled(failed)),
        });
        var result = await _cli.LimactlAsync("start", "web");
        Assert.Equal(1, result.Exit);
        Assert.Contains("level=error msg=\"  Kernel panic\\\\x07 - not syncing\"", result.Messages);
        Assert.Contains("level=fatal msg=\"instance `web` did not start: booting: the kernel panicked (hint: look at the console)\"", result.Messages);
    }

    [Fact]
    public async Task A_degraded_instance_runs_but_the_command_fails_as_in_Lima()
    {
        var degraded = Views.Instance("web") with { Degraded = [new CauseView("mount", "mounts", "~/src is not mounted")] };
        using var host = new FakeHost(_cli.Home, request => request switch
        {
            { Method: "POST" } => Views.Accepted(Views.Instance("web", "Starting")),
            { Path: "/v1/instances/web" } => Views.One(Views.Instance("web", "Stopped")),
            _ => FakeReply.Events(FakeReply.Settled(degraded)),
        });
        var result = await _cli.LimactlAsync("start", "web");
        Assert.Equal(1, result.Exit);
        Assert.Contains("level=warning msg=\"mounts: ~/src is not mounted\"", result.Messages);
    }

    [Fact]
    public async Task Starting_what_runs_is_no_error()
    {
        using var host = new FakeHost(_cli.Home, request =>
            request.Method == "POST" ? Views.Accepted(Views.Instance("default"), changed: false) : Views.One(Views.Instance("default")));
        var result = await _cli.LimactlAsync("start");
        Assert.Equal(0, result.Exit);
        Assert.Contains("The instance `default` is already running. Run `lima` to open the shell.", result.Error);
    }

    [Fact]
    public async Task A_broken_connection_is_retried_once_with_the_same_command_id()
    {
        var posts = 0;
        using var host = new FakeHost(_cli.Home, request => request.Method switch
        {
            "POST" when Interlocked.Increment(ref posts) == 1 => new FakeReply(0, "", "") { Break = true },
            "POST" => Views.Accepted(Views.Instance("web", "Running", "stopping")),
            _ => FakeReply.Events(FakeReply.Settled(Views.Instance("web", "Stopped"))),
        });
        var result = await _cli.LimactlAsync("stop", "web");
        Assert.Equal(0, result.Exit);
        var ids = host.Requests.Where(request => request.Method == "POST").Select(request => Command(request).CommandId).ToList();
        Assert.Equal(2, ids.Count);
        Assert.Equal(ids[0], ids[1]);
        Assert.True(Guid.TryParse(ids[0], out _));
    }

    [Fact]
    public async Task A_broken_stream_is_taken_up_after_the_last_event_seen()
    {
        var seen = new EventView { Sequence = 900, Time = DateTimeOffset.UnixEpoch, Id = "i", Instance = "web", Type = "vm.stop-requested.v1", Text = "stop requested" };
        using var host = new FakeHost(_cli.Home, request => request switch
        {
            { Method: "POST" } => Views.Accepted(Views.Instance("web")),
            { Path: "/v1/instances/web/follow?after=7" } => FakeReply.Events(FakeReply.Event(StreamNames.Vm, seen, ContractsJson.Default.EventView, 9)),
            { Path: "/v1/instances/web/follow?after=8" } => FakeReply.Events(FakeReply.Settled(Views.Instance("web", "Stopped"))),
            _ => FakeReply.Error(500, "unexpected", request.Path),
        });
        var result = await _cli.LimactlAsync("stop", "web");
        Assert.Equal(0, result.Exit);
        Assert.Contains(host.Requests, request => request.Path.EndsWith("after=8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Several_instances_are_stopped_at_once_and_failures_joined()
    {
        using var host = new FakeHost(_cli.Home, request => request switch
        {
            { Method: "POST", Path: "/v1/instances/b/stop" } => FakeReply.Error(409, "refused", "instance `b` is protected", "run `limactl unprotect b`"),
            { Method: "POST" } => Views.Accepted(Views.Instance("a", "Stopped"), changed: false),
            _ => FakeReply.Error(500, "unexpected", request.Path),
        });
        var result = await _cli.LimactlAsync("stop", "-f", "a", "b");
        Assert.Equal(1, result.Exit);
        Assert.Contains("The instance `a` is already stopped", result.Error);
        Assert.Contains("level=error msg=\"instance `b` is protected (hint: run `limactl unprotect b`)\"", result.Messages);
        Assert.Contains("level=fatal msg=\"1 of 2 instances failed\"", result.Messages);
        Assert.All(host.Requests, request => Assert.True(Command(request).Force));
    }

    [Fact]
    public async Task Deleting_what_is_not_there_is_a_warning()
    {
        using var host = new FakeHost(_cli.Home, request => request switch
        {
            { Path: "/v1/instances/nope/delete" } => Views.NotFound("nope"),
            { Path: "/v1/instances/web/delete" } => Views.Accepted(Views.Instance("web", "Stopped")),
            _ => FakeReply.Events("event: gone\ndata: {}\n\n"),
        });
        var result = await _cli.LimactlAsync("rm", "-f", "nope", "web");
        Assert.Equal(0, result.Exit);
        Assert.Contains("Ignoring non-existent instance `nope`", result.Error);
        Assert.Contains("Deleted `web` (`/srv/lima/web`)", result.Error);
    }

    [Fact]
    public async Task Interrupting_a_start_stops_the_instance_by_force_and_exits_130()
    {
        Action? press = null;
        _cli.Interrupt = handler => press = handler;
        using var host = new FakeHost(_cli.Home, request =>
        {
            if (request.Path == "/v1/instances/web") return Views.One(Views.Instance("web", "Stopped"));
            if (request.Path.EndsWith("/start", StringComparison.Ordinal)) return Views.Accepted(Views.Instance("web", "Starting"));
            if (request.Path.EndsWith("/stop", StringComparison.Ordinal)) return Views.Accepted(Views.Instance("web", "Starting", "stopping"), after: 8);
            if (request.Path.EndsWith("after=8", StringComparison.Ordinal)) return FakeReply.Events(FakeReply.Settled(Views.Instance("web", "Stopped")));
            _ = Task.Run(async () =>
            {
                await Task.Delay(50);
                press!();
            });
            return FakeReply.Events(FakeReply.Progress("Waiting for the guest")) with { Hold = true };
        });
        var result = await _cli.LimactlAsync("start", "web");
        Assert.Equal(130, result.Exit);
        Assert.True(Command(host.Requests.Single(request => request.Path.EndsWith("/stop", StringComparison.Ordinal))).Force);
        Assert.EndsWith("after=8", host.Requests.Last().Path);
    }

    [Fact]
    public async Task Create_sends_the_template_and_its_source()
    {
        _cli.Input = "images: [{location: /tmp/x.qcow2}]\n";
        using var host = new FakeHost(_cli.Home, request =>
            request.Method == "POST" ? Views.Accepted(Views.Instance("dev", "Stopped"))
            : request.Path.Contains("follow") ? FakeReply.Events(FakeReply.Settled(Views.Instance("dev", "Stopped")))
            : FakeReply.Error(404, "instance-not-found", "no"));
        var result = await _cli.LimactlAsync("create", "--name=dev", "-");
        Assert.Equal(0, result.Exit);
        Assert.Contains("Run `limactl start dev` to start the instance.", result.Error);
        var sent = JsonSerializer.Deserialize(host.Requests.Single(request => request.Method == "POST").Body, ContractsJson.Default.CreateRequest)!;
        Assert.Equal(("dev", "-", _cli.Input), (sent.Name, sent.Source, sent.Yaml));
    }

    [Fact]
    public async Task A_refused_template_shows_every_problem_with_its_line()
    {
        File.WriteAllText(Path.Combine(_cli.Path, "bad.yaml"), "images: [{location: /tmp/x.qcow2}]\n");
        using var host = new FakeHost(_cli.Home, request => request.Method == "GET" ? FakeReply.Error(404, "instance-not-found", "no") : FakeReply.Json(
            new ErrorReply(new ErrorView("invalid", "template `bad.yaml` is invalid", null, [new ProblemView("bad.yaml", 1, 7, "cpus", "must be a number")])),
            ContractsJson.Default.ErrorReply,
            422));
        var result = await _cli.LimactlAsync("create", "./bad.yaml");
        Assert.Equal(1, result.Exit);
        Assert.EndsWith("level=error msg=\"bad.yaml:1:7: field `cpus`: must be a number\"\nlevel=fatal msg=\"template `bad.yaml` is invalid\"\n", result.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("must pass instance name with --name when reading template from stdin", "create", "-")]
    [InlineData("instance name `a` and CLI flag --name=b cannot be specified together", "create", "--name=b", "a")]
    [InlineData("invalid duration `soon` for --timeout", "start", "--timeout", "soon")]
    [InlineData("unknown command `strat` for `limactl` (hint: did you mean `limactl start`?)", "strat")]
    [InlineData("cannot use both --tty and --yes flags at the same time", "--tty", "-y", "stop")]
    [InlineData("unsupported log-format: `xml`", "--log-format", "xml", "stop")]
    public async Task Wrong_command_lines_exit_2(string message, params string[] arguments)
    {
        var result = await _cli.LimactlAsync(arguments);
        Assert.Equal(2, result.Exit);
        Assert.Contains(message, result.Error);
    }

    [Fact]
    public async Task Root_is_warned_once_and_only_where_guests_are_made()
    {
        _cli.IsRoot = true;
        using var host = new FakeHost(_cli.Home, request => request switch
        {
            { Path: "/v1/instances" } => Views.List(Views.Instance("default")),
            { Method: "POST" } => Views.Accepted(Views.Instance("default"), changed: false),
            _ => Views.One(Views.Instance("default")),
        });
        Assert.DoesNotContain("root", (await _cli.LimactlAsync("list")).Error);
        Assert.Single((await _cli.LimactlAsync("start")).Error.Split('\n'), line => line.Contains("running as root"));
    }

    [Fact]
    public async Task On_a_terminal_steps_are_redrawn_in_place_and_guest_text_is_harmless()
    {
        _cli.Terminal = true;
        using var host = new FakeHost(_cli.Home, request => request switch
        {
            { Method: "POST" } => Views.Accepted(Views.Instance("web", "Starting")),
            { Path: "/v1/instances/web" } => Views.One(Views.Instance("web", "Stopped")),
            _ => FakeReply.Events(
                FakeReply.Progress("Downloading the image", "disk.qcow2", 512, 1024),
                FakeReply.Progress("Booting", "login\u001b]0;evil\u0007"),
                FakeReply.Settled(Views.Instance("web"))),
        });
        var result = await _cli.LimactlAsync("start", "web");
        Assert.Equal(0, result.Exit);
        Assert.Contains("✓\u001b[0m Downloading the image", result.Error);
        Assert.Contains("50 % of 1KiB", result.Error);
        Assert.Contains("\r\u001b[2K", result.Error);
        Assert.DoesNotContain("\u001b]0;", result.Error);
        Assert.DoesNotContain("\u0007", result.Error);
    }

    [Fact]
    public async Task A_host_that_goes_away_in_the_middle_of_an_answer_is_told_in_words()
    {
        using var host = new FakeHost(_cli.Home, _ => new FakeReply(0, "", "") { Break = true });
        foreach (var command in new[] { "list", "events", "history" })
        {
            var result = await _cli.LimactlAsync(command == "history" ? [command, "web"] : [command]);
            Assert.Equal(1, result.Exit);
            Assert.Contains("the connection to the host broke 3 times", result.Error);
        }
    }
}
