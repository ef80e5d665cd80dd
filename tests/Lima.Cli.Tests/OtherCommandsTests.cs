using System.Text.Json;
using Lima.Cli.Tests.Support;
using Lima.Contracts;

namespace Lima.Cli.Tests;

public sealed class OtherCommandsTests : IDisposable
{
    private readonly CliRun _cli = new();

    public OtherCommandsTests() => _cli.Environment["TZ"] = "UTC";

    public void Dispose() => _cli.Dispose();

    private static EventView Happened(long sequence, string text = "started") => new()
    {
        Sequence = sequence,
        Time = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
        Id = "i",
        Instance = "web",
        Type = "vm.started.v1",
        Text = text,
    };

    private static string Vm(long sequence) => FakeReply.Event(StreamNames.Vm, Happened(sequence), ContractsJson.Default.EventView, sequence);

    [Fact]
    public async Task History_is_text_for_people_and_json_for_programs()
    {
        using var host = new FakeHost(_cli.Home, _ => FakeReply.Json(new EventList([Happened(1, "created\e[31m"), Happened(2)]), ContractsJson.Default.EventList));
        var text = (await _cli.LimactlAsync("history", "web")).Out.Split('\n');
        Assert.EndsWith(" web | created", text[0]);
        Assert.EndsWith(" web | started", text[1]);
        var json = (await _cli.LimactlAsync("history", "web", "--json")).Out.TrimEnd().Split('\n');
        Assert.Equal([1L, 2L], json.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sequence").GetInt64()));
    }

    private static EventView Booted(long sequence) => Happened(sequence, "the guest booted in 9.00 s") with
    {
        Type = "vm.boot-timed.v1",
        Data = JsonDocument.Parse("""
            {"seconds":9,"phases":[{"name":"kernel","start":0,"seconds":1.5,"exit":0},{"name":"script 06-etc-hosts","start":2,"seconds":0.25,"exit":0},
            {"name":"provision user 00000002","start":3,"seconds":5,"exit":7},{"name":"odd\u001b[31m","start":8,"seconds":1,"exit":0}]}
            """).RootElement,
    };

    [Fact]
    public async Task History_shows_where_a_boot_went_in_order_or_by_length()
    {
        EventView[] events =
        [
            Happened(1) with { Type = "vm.start-requested.v1" }, Happened(2) with { Type = "vm.boot-prepared.v1", Time = Happened(1).Time + TimeSpan.FromSeconds(2) }, Booted(3), Happened(4),
        ];
        using var host = new FakeHost(_cli.Home, _ => FakeReply.Json(new EventList(events), ContractsJson.Default.EventList));
        var rows = (await _cli.LimactlAsync("history", "web", "--boot")).Out.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(
            [
                "START SECONDS WHAT", "- 2.00 host: image, disk and seed", "0.00 1.50 kernel", "2.00 0.25 boot script 06-etc-hosts",
                "3.00 5.00 provision[2] (mode user) (failed, exit status 7)", "8.00 1.00 odd", "", "the guest booted in 9.00 s", "",
            ], rows);
        var sorted = (await _cli.LimactlAsync("history", "web", "--boot", "--sort")).Out.Split('\n');
        Assert.Contains("provision[2]", sorted[1], StringComparison.Ordinal);
        var json = (await _cli.LimactlAsync("history", "web", "--boot", "--json")).Out;
        Assert.Equal(9, JsonDocument.Parse(json).RootElement.GetProperty("data").GetProperty("seconds").GetInt32());
    }

    [Fact]
    public async Task History_without_a_timed_boot_says_so()
    {
        using var host = new FakeHost(_cli.Home, _ => FakeReply.Json(new EventList([Happened(1)]), ContractsJson.Default.EventList));
        var result = await _cli.LimactlAsync("history", "web", "--boot");
        Assert.Equal(1, result.Exit);
        Assert.Contains("no boot of instance `web` has been timed yet", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_end_without_follow_and_can_begin_later()
    {
        using var host = new FakeHost(_cli.Home, request => request.Path == "/v1/events?after=4&follow=false" ? FakeReply.Events(Vm(5), Vm(6)) : Views.NotFound("?"));
        var result = await _cli.LimactlAsync("events", "--after", "4");
        Assert.Equal(0, result.Exit);
        Assert.Equal(2, result.Out.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task Following_events_begins_with_new_ones_survives_a_break_and_ends_on_interrupt()
    {
        Action? press = null;
        _cli.Interrupt = handler => press = handler;
        using var host = new FakeHost(_cli.Home, request =>
        {
            if (request.Path == "/v1/host?brief=true") return Views.Host(newestEvent: 5);
            if (request.Path == "/v1/events?after=5&follow=true") return FakeReply.Events(Vm(6));
            _ = Task.Run(async () =>
            {
                await Task.Delay(50);
                press!();
            });
            return FakeReply.Events(Vm(7)) with { Hold = true };
        });
        var result = await _cli.LimactlAsync("events", "-f", "--json");
        Assert.Equal(130, result.Exit);
        Assert.Equal(2, result.Out.TrimEnd().Split('\n').Length);
        Assert.EndsWith("after=6&follow=true", host.Requests.Last().Path);
    }

    [Fact]
    public async Task Wait_returns_when_the_state_is_reached()
    {
        var looks = 0;
        using var host = new FakeHost(_cli.Home, request => request.Path.StartsWith("/v1/events", StringComparison.Ordinal)
            ? FakeReply.Events(Vm(8)) with { Hold = true }
            : request.Path == "/v1/host?brief=true" ? Views.Host(newestEvent: 7)
            : Views.One(Views.Instance("web", Interlocked.Increment(ref looks) < 3 ? "Starting" : "Running")));
        var result = await _cli.LimactlAsync("wait", "web", "--for", "running");
        Assert.Equal((0, "", ""), (result.Exit, result.Out, result.Error));
        Assert.Contains(host.Requests, request => request.Path == "/v1/events?after=7&follow=true&instance=web");
    }

    [Theory]
    [InlineData("Stopped", "3s", "instance `web` is not running after 3.0s; it is Stopped")]
    [InlineData("Error", "10m", "instance `web` is in state Error")]
    public async Task Wait_gives_up(string status, string limit, string message)
    {
        using var host = new FakeHost(_cli.Home, request => request.Path.StartsWith("/v1/events", StringComparison.Ordinal)
            ? FakeReply.Events() with { Hold = true }
            : request.Path == "/v1/host?brief=true" ? Views.Host(newestEvent: 7)
            : Views.One(Views.Instance("web", status)));
        var result = await _cli.LimactlAsync("wait", "web", "--for", "running", "--timeout", limit);
        Assert.Equal(1, result.Exit);
        Assert.Contains(message, result.Error);
    }

    [Fact]
    public async Task Host_status_and_stop()
    {
        var view = new HostView
        {
            Version = "9.9",
            Capabilities = ["v1"],
            Pid = 4242,
            Home = _cli.Home,
            StartedAt = DateTimeOffset.UtcNow,
            Instances = new Dictionary<string, int> { ["Running"] = 2 },
            Accelerator = new AcceleratorView("tcg", "kvm hangs", "probe"),
            QemuVersion = "7.2",
            Notices = ["journal was damaged"],
        };
        FakeHost? host = null;
        host = new FakeHost(_cli.Home, request =>
        {
            if (request.Method == "POST") host!.Dispose();
            return FakeReply.Json(view, ContractsJson.Default.HostView);
        });
        using (host)
        {
            var status = await _cli.LimactlAsync("host", "status");
            Assert.Equal(0, status.Exit);
            Assert.Contains("running (process 4242, version 9.9", status.Out);
            Assert.Contains("tcg (kvm hangs; decided by probe)", status.Out);
            Assert.Contains("Notice:       journal was damaged", status.Out);
            var stop = await _cli.LimactlAsync("host", "stop");
            Assert.Equal(0, stop.Exit);
            Assert.Contains("The host has stopped; instances go on running", stop.Error);
            Assert.Contains(host.Requests, request => request is { Method: "POST", Path: "/v1/host/shutdown" });
        }
    }

    [Fact]
    public async Task The_unit_leaves_virtual_machines_alone()
    {
        _cli.Environment["LIMA_HOST_BINARY"] = "/opt/100% \"x\"/lima-host";
        var unit = (await _cli.LimactlAsync("host", "install", "--print")).Out;
        Assert.Contains("\nKillMode=process\n", unit);
        Assert.Contains("\nExecStart=\"/opt/100%% \\\"x\\\"/lima-host\"\n", unit);
        Assert.Contains($"\nEnvironment=\"LIMA_HOME={_cli.Home}\"\n", unit);
    }

    [Fact]
    public async Task Host_logs_are_made_harmless()
    {
        Assert.Contains("there is no log", (await _cli.LimactlAsync("host", "logs")).Error);
        Directory.CreateDirectory(Path.Combine(_cli.Home, "_host"));
        File.WriteAllText(Path.Combine(_cli.Home, "_host/host.log"), "one\ntwo\u0007\n");
        Assert.Equal("one\ntwo\\x07\n", (await _cli.LimactlAsync("host", "logs")).Out);
    }

    [Fact]
    public async Task Images_are_listed_built_and_removed()
    {
        var image = new ImageView("abcdef0123456789", "recipe:tiny", 20 << 20, DateTimeOffset.UnixEpoch, null, "/cache/disk.qcow2");
        using var host = new FakeHost(_cli.Home, request => request switch
        {
            { Method: "GET" } => FakeReply.Json(new ImageList([image], ["debian-12", "tiny"]), ContractsJson.Default.ImageList),
            { Path: "/v1/images/pull" } => FakeReply.Events(FakeReply.Progress("building", "step one"), FakeReply.Event(StreamNames.Done, image, ContractsJson.Default.ImageView)),
            _ => FakeReply.Json(image, ContractsJson.Default.ImageView),
        });
        var list = (await _cli.LimactlAsync("image", "ls")).Out;
        Assert.Contains("abcdef012345", list);
        Assert.Contains("recipe:debian-12 (not built)", list);
        Assert.DoesNotContain("recipe:tiny (not built)", list);
        var built = await _cli.LimactlAsync("image", "build", "tiny");
        Assert.Equal((0, "/cache/disk.qcow2\n"), (built.Exit, built.Out));
        Assert.Contains("building: step one", built.Error);
        Assert.Contains("\"location\":\"recipe:tiny\"", host.Requests.Single(request => request.Method == "POST").Body);
        Assert.Equal(0, (await _cli.LimactlAsync("image", "rm", "abcdef")).Exit);
        Assert.Equal("/v1/images/remove", host.Requests.Last().Path);
        Assert.Contains("\"location\":\"recipe:tiny\"", host.Requests.Last().Body);
        Assert.Contains("no image `nope` in the store", (await _cli.LimactlAsync("image", "rm", "nope")).Error);
    }

    [Fact]
    public async Task A_failed_pull_says_what_the_host_says()
    {
        using var host = new FakeHost(_cli.Home, _ => FakeReply.Events(
            FakeReply.Event(StreamNames.Failed, new ErrorReply(new ErrorView("digest", "digest of `x` does not match", "check the template")), ContractsJson.Default.ErrorReply)));
        var result = await _cli.LimactlAsync("image", "pull", "https://example.com/x");
        Assert.Equal(1, result.Exit);
        Assert.Contains("digest of `x` does not match (hint: check the template)", result.Error);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_scripts_know_the_verbs(string shell)
    {
        var script = (await _cli.LimactlAsync("completion", shell)).Out;
        foreach (var verb in new[] { "create", "start", "stop", "shell", "list", "delete", "image", "wait" }) Assert.Matches($"[ (\"]{verb} ", script);
        Assert.Contains("__complete", script);
    }

    [Fact]
    public async Task Completion_knows_what_exists()
    {
        Directory.CreateDirectory(Path.Combine(_cli.Home, "_templates"));
        File.WriteAllText(Path.Combine(_cli.Home, "_templates/tiny.yaml"), "");
        Assert.Equal("bash\nfish\npowershell\nzsh\n", (await _cli.LimactlAsync("__complete", "completion", "")).Out);
        Assert.Equal("--follow\n", (await _cli.LimactlAsync("__complete", "events", "--f")).Out);
        Assert.Equal("paused\nrunning\nstopped\nerror\n".Split('\n').Order(), (await _cli.LimactlAsync("__complete", "wait", "x", "--for", "")).Out.Split('\n').Order());
        Assert.Equal("template:tiny\n", (await _cli.LimactlAsync("__complete", "start", "t")).Out);
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("web"), Views.Instance("db")));
        Assert.Equal("web\n", (await _cli.LimactlAsync("__complete", "stop", "w")).Out);
    }

    [Fact]
    public async Task Help_is_grouped_and_every_command_has_examples()
    {
        var root = (await _cli.LimactlAsync("--help")).Out;
        Assert.Contains("\nBasic Commands:\n  create", root);
        Assert.Contains("\nAdvanced Commands:\n", root);
        foreach (var name in Commands.CommandTable.Names)
        {
            Assert.Contains($"\n  {name} ", root);
            var help = await _cli.LimactlAsync(name, "--help");
            Assert.Equal(0, help.Exit);
            Assert.Contains($"Usage:\n  limactl {name}", help.Out);
            Assert.Contains("Examples:\n", help.Out);
        }
    }

    [Fact]
    public async Task Info_is_one_json_object()
    {
        using var document = JsonDocument.Parse((await _cli.LimactlAsync("info")).Out);
        Assert.Equal(_cli.Home, document.RootElement.GetProperty("limaHome").GetString());
        Assert.Equal(27, document.RootElement.GetProperty("shellEnvBlock").GetArrayLength());
        Assert.Equal("internal", document.RootElement.GetProperty("vmTypesEx").GetProperty("qemu").GetProperty("location").GetString());
        Assert.False(document.RootElement.TryGetProperty("defaultTemplate", out _));
        Directory.CreateDirectory(Path.Combine(_cli.Home, "_templates"));
        File.WriteAllText(Path.Combine(_cli.Home, "_templates/default.yaml"), "images: [{location: /tmp/x.qcow2}]\ncpus: 3\n");
        Assert.Equal("3\n", (await _cli.LimactlAsync("info", "--yq", ".defaultTemplate.cpus")).Out);
    }

    [Fact]
    public async Task Validate_needs_no_host_and_names_lines()
    {
        File.WriteAllText(Path.Combine(_cli.Path, "good.yaml"), "images: [{location: /tmp/x.qcow2}]\n");
        File.WriteAllText(Path.Combine(_cli.Path, "bad.yaml"), "images: [{location: /tmp/x.qcow2}]\ncpus: many\n");
        var good = await _cli.LimactlAsync("validate", "good.yaml");
        Assert.Equal(0, good.Exit);
        Assert.Contains("`good.yaml`: OK", good.Error);
        var bad = await _cli.LimactlAsync("validate", "good.yaml", "bad.yaml");
        Assert.Equal(1, bad.Exit);
        Assert.Contains("bad.yaml:2:7: ", bad.Error);
        Assert.Contains("1 of 2 templates is invalid", bad.Error);
        Assert.Contains("template `nope.yaml` does not exist", (await _cli.LimactlAsync("validate", "nope.yaml")).Error);
    }

    [Fact]
    public async Task Validate_looks_at_the_users_own_files_and_at_paths()
    {
        var config = Directory.CreateDirectory(Path.Combine(_cli.Home, "_config")).FullName;
        var text = Path.Combine(_cli.Path, "t.yaml");
        File.WriteAllText(text, $"images: [{{location: /tmp/x.qcow2}}]\nmounts: [{{location: {text}}}]\nnetworks: [{{lima: mine}}]\n");
        File.WriteAllText(Path.Combine(config, "default.yaml"), "\ncpus: many\n");
        File.WriteAllText(Path.Combine(config, "override.yaml"), "user: {shell: sh}\n");
        var result = await _cli.LimactlAsync("validate", "t.yaml");
        Assert.Equal(1, result.Exit);
        Assert.Contains("_config/default.yaml:2:7: field `cpus` must be a whole number", result.Error);
        Assert.Contains("_config/override.yaml:1:15: field `user.shell` must be an absolute path", result.Error);
        Assert.Contains("t.yaml:2:21: field `mounts[0].location` refers to a non-directory path", result.Error);
        Assert.Contains("which is not defined in networks.yaml", result.Error);
        File.WriteAllText(Path.Combine(config, "networks.yaml"), "networks: {mine: {mode: user-v2}}");
        Assert.DoesNotContain("not defined", (await _cli.LimactlAsync("validate", "t.yaml")).Error);
    }

    [Fact]
    public async Task Templates_are_found_in_order_and_bases_are_merged_at_creation()
    {
        var mine = Directory.CreateDirectory(Path.Combine(_cli.Path, "mine")).FullName;
        File.WriteAllText(Path.Combine(mine, "base.yaml"), "cpus: 3\n");
        File.WriteAllText(Path.Combine(mine, "dev.yaml"), "base: template:base\nimages: [{location: /tmp/x.qcow2}]\n");
        _cli.Environment["LIMA_TEMPLATES_PATH"] = "/nowhere:" + mine;
        using var host = new FakeHost(_cli.Home, request =>
            request.Method == "POST" ? Views.Accepted(Views.Instance("dev", "Stopped"))
            : request.Path.Contains("follow") ? FakeReply.Events(FakeReply.Settled(Views.Instance("dev", "Stopped")))
            : FakeReply.Error(404, "instance-not-found", "no"));
        Assert.Equal(0, (await _cli.LimactlAsync("create", "template:dev")).Exit);
        var sent = JsonSerializer.Deserialize(host.Requests.Single(request => request.Method == "POST").Body, ContractsJson.Default.CreateRequest)!;
        Assert.Equal(("dev", "template:dev"), (sent.Name, sent.Source));
        Assert.Contains("cpus: 3", sent.Yaml);
        Assert.DoesNotContain("base:", sent.Yaml);
        Assert.Equal("base\ndev\n", (await _cli.LimactlAsync("create", "--list-templates")).Out);
        Assert.Contains("template `nope` not found in", (await _cli.LimactlAsync("create", "template:nope")).Error);
        Assert.Contains("template name `../x` must not contain `..`", (await _cli.LimactlAsync("create", "--name=x", "template:../x")).Error);
    }
}
