using System.Text.Json;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

public sealed class ListTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task The_table_has_Limas_columns_and_a_note_on_what_is_going_on()
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(
            Views.Instance("default"),
            Views.Instance("web", "Running", "stopping"),
            Views.Instance("x", "Stopped") with { Memory = 512 << 20, Disk = (3L << 30) / 2 },
            Views.Instance("zed") with { Degraded = [new("ssh-lost", "ssh", "no answer")] }));
        var result = await _cli.LimactlAsync("list");
        Assert.Equal(
            """
            NAME       STATUS                SSH                VMTYPE    ARCH      CPUS    MEMORY    DISK      DIR
            default    Running               127.0.0.1:60022    qemu      x86_64    2       4GiB      100GiB    /srv/lima/default
            web        Running (stopping)    127.0.0.1:60022    qemu      x86_64    2       4GiB      100GiB    /srv/lima/web
            x          Stopped               127.0.0.1:0        qemu      x86_64    2       512MiB    1.5GiB    /srv/lima/x
            zed        Running (degraded)    127.0.0.1:60022    qemu      x86_64    2       4GiB      100GiB    /srv/lima/zed

            """,
            result.Out);
        Assert.Equal(0, result.Exit);
        Assert.Equal("", result.Error);
    }

    [Theory]
    [InlineData(60, "x86_64", "NAME STATUS SSH CPUS MEMORY DISK")]
    [InlineData(80, "x86_64", "NAME STATUS SSH CPUS MEMORY DISK DIR")]
    [InlineData(80, "other", "NAME STATUS SSH ARCH CPUS MEMORY DISK")]
    [InlineData(100, "x86_64", "NAME STATUS SSH VMTYPE ARCH CPUS MEMORY DISK DIR")]
    [InlineData(null, "x86_64", "NAME STATUS SSH VMTYPE ARCH CPUS MEMORY DISK DIR")]
    public void On_a_narrow_terminal_the_columns_that_say_least_go_first(int? width, string arch, string columns)
    {
        var instance = Views.Instance("foo", "Stopped") with { Arch = arch == "other" ? "riscv64" : Output.InstanceTable.HostArch, Dir = "/home/me/dir", SshLocalPort = 0 };
        var lines = Output.InstanceTable.Format([instance], "/home/me", width).Split('\n');
        Assert.Equal(columns.Split(' '), lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (columns.EndsWith("DIR", StringComparison.Ordinal)) Assert.EndsWith("~/dir", lines[1]);
        Assert.EndsWith("DIR", Output.InstanceTable.Format([instance], "/home/me", 40, allFields: true).Split('\n')[0]);
    }

    [Theory]
    [InlineData("{{.Name}} {{.Status}} {{.SSHLocalPort}}", "web Running 60022\n")]
    [InlineData("{{json .Memory}} {{.HostOS}}", "4294967296 linux\n")]
    [InlineData("{{.Dir | indent 2}}{{missing .Message}}", "  /srv/lima/web<missing>\n")]
    [InlineData("{{if eq .Status \"Running\"}}up{{else}}down{{end}}", "up\n")]
    public async Task A_Go_template_is_executed_for_each_instance(string format, string expected)
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("web")));
        Assert.Equal(expected, (await _cli.LimactlAsync("list", "--format", format)).Out);
    }

    [Fact]
    public async Task A_field_that_is_not_there_ends_in_an_error_and_shows_nothing()
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("web")));
        var result = await _cli.LimactlAsync("list", "--format", "{{.Nope}}");
        Assert.Equal(1, result.Exit);
        Assert.Equal("", result.Out);
        Assert.Contains("can't evaluate field Nope", result.Messages);
        Assert.Equal(ExitCodes.Usage, (await _cli.LimactlAsync("list", "--format", "{{.Name")).Exit);
    }

    [Theory]
    [InlineData("web\ndb\n", "-q")]
    [InlineData("web\n", "-q", "--filter", ".status == \"Running\"")]
    [InlineData("", "-q", "-l", ".status == \"Running\"", "-l", ".cpus == 3")]
    [InlineData("db\n", "-q", "--filter", ".memory == \"1048576\"")]
    [InlineData("\"web\"\n\"db\"\n", "--yq", ".name")]
    [InlineData("{\"a\":2}\n{\"a\":2}\n", "--yq", "{\"a\": .cpus}")]
    [InlineData("\"Running\"\n\"Stopped\"\n", "--yq", ".", "--yq", ".status")]
    public async Task Expressions_choose_and_show(string expected, params string[] flags)
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("web"), Views.Instance("db", "Stopped") with { Memory = 1 << 20 }));
        var result = await _cli.LimactlAsync(["list", .. flags]);
        Assert.Equal("", result.Messages);
        Assert.Equal(expected, result.Out);
    }

    [Fact]
    public async Task Expressions_see_nothing_of_this_machine()
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("web")));
        Assert.Contains("env operations have been disabled", (await _cli.LimactlAsync("ls", "--yq", "env(HOME)")).Messages);
        Assert.Contains("file operations have been disabled", (await _cli.LimactlAsync("ls", "--filter", "load(\"/etc/passwd\")")).Messages);
        Assert.Equal(ExitCodes.Usage, (await _cli.LimactlAsync("ls", "--format=table", "--yq", ".name")).Exit);
    }

    [Fact]
    public async Task The_names_of_fields_are_listed_without_asking_a_host()
    {
        var result = await _cli.LimactlAsync("list", "--list-fields");
        var names = result.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Contains("SSHLocalPort", names);
        Assert.DoesNotContain("HostOS", names);
        Assert.Contains("conflicts", (await _cli.LimactlAsync("list", "--list-fields", "--json")).Messages);
    }

    [Fact]
    public async Task Json_has_the_facts_that_old_scripts_read_and_no_empty_objects()
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("web") with { Config = JsonDocument.Parse("""{"env":{},"a":{"b":{}},"c":1}""").RootElement }));
        using var json = JsonDocument.Parse((await _cli.LimactlAsync("list", "--json")).Out);
        Assert.Equal(_cli.Home, json.RootElement.GetProperty("LimaHome").GetString());
        Assert.Equal("linux", json.RootElement.GetProperty("HostOS").GetString());
        Assert.Equal("""{"c":1}""", json.RootElement.GetProperty("config").GetRawText());
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--format=json")]
    [InlineData("-f", "json")]
    public async Task Json_is_one_object_a_line_with_Limas_keys(params string[] flags)
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("a"), Views.Instance("b", "Stopped")));
        var result = await _cli.LimactlAsync(["ls", .. flags]);
        var lines = result.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        using var first = JsonDocument.Parse(lines[0]);
        Assert.Equal("a", first.RootElement.GetProperty("name").GetString());
        Assert.Equal(4L << 30, first.RootElement.GetProperty("memory").GetInt64());
        Assert.Equal(60022, first.RootElement.GetProperty("sshLocalPort").GetInt32());
    }

    [Fact]
    public async Task Yaml_starts_each_document_with_dashes()
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("a")));
        var result = await _cli.LimactlAsync("list", "--format", "yaml");
        Assert.StartsWith("---\nname: \"a\"\n", result.Out);
        Assert.Contains("\ncpus: 2\n", result.Out);
    }

    [Fact]
    public async Task Names_are_shown_in_the_order_asked_for_and_unknown_ones_fail_at_the_end()
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("a"), Views.Instance("b"), Views.Instance("c")));
        var result = await _cli.LimactlAsync("list", "-q", "c", "nope", "a");
        Assert.Equal("c\na\n", result.Out);
        Assert.Equal("level=warning msg=\"No instance matching nope found.\"\nlevel=fatal msg=\"unmatched instances\"\n", result.Messages);
        Assert.Equal(1, result.Exit);
    }

    [Fact]
    public async Task An_empty_home_is_a_warning_only()
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List());
        var result = await _cli.LimactlAsync("list");
        Assert.Equal((0, ""), (result.Exit, result.Out));
        Assert.Contains("level=warning msg=\"No instance found. Run `limactl create` to create an instance.\"", result.Error);
    }

    [Fact]
    public async Task A_broken_instance_is_listed_with_a_warning()
    {
        using var host = new FakeHost(_cli.Home, _ => Views.List(Views.Instance("bad", "Broken") with { Errors = ["lima.yaml is missing"] }));
        var result = await _cli.LimactlAsync("list");
        Assert.Equal(0, result.Exit);
        Assert.Contains("Broken", result.Out);
        Assert.Contains("instance `bad` has errors: lima.yaml is missing", result.Error);
    }

    [Theory]
    [InlineData("option --json conflicts with option --format", "--json", "--format", "json")]
    [InlineData("option --quiet can only be used with '--format table'", "-q", "--json")]
    [InlineData("unsupported format `csv`", "-f", "csv")]
    [InlineData("unknown flag: --bogus", "--bogus")]
    public async Task Wrong_flags_are_usage_errors(string message, params string[] flags)
    {
        var result = await _cli.LimactlAsync(["list", .. flags]);
        Assert.Equal((2, ""), (result.Exit, result.Out));
        Assert.Contains(message, result.Error);
    }
}
