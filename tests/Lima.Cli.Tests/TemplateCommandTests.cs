using System.Text.Json;
using Lima.Cli.Tests.Support;
using Lima.Contracts;

namespace Lima.Cli.Tests;

public sealed class TemplateCommandTests : IDisposable
{
    private const string Text = "# about\nbase: base.yaml\nimages:\n- location: /tmp/x.qcow2   # an image\nparam:\n  A: b\nenv:\n  X: \"{{.Param.A}} $PARAM_A\"\nprovision:\n- mode: system\n  script: |\n    echo $PARAM_A\n";
    private readonly CliRun _cli = new();

    public TemplateCommandTests()
    {
        Write("my.yaml", Text);
        Write("base.yaml", "cpus: 3\n");
    }

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Copy_makes_names_absolute_or_puts_in_what_they_name_or_changes_nothing()
    {
        var plain = (await _cli.LimactlAsync("template", "copy", "my.yaml")).Out;
        Assert.Contains($"base: {Path.Combine(_cli.WorkingDirectory, "base.yaml")}\n", plain);
        Assert.StartsWith("# about\n", plain);
        Assert.Equal(Text, (await _cli.LimactlAsync("tmpl", "copy", "--verbatim", "my.yaml", "-")).Out);
        var embedded = (await _cli.LimactlAsync("template", "copy", "--embed", "my.yaml")).Out;
        Assert.Contains("cpus: 3\n", embedded);
        Assert.DoesNotContain("base:", embedded);
        var filled = (await _cli.LimactlAsync("template", "copy", "--fill", "my.yaml")).Out;
        Assert.Contains("cpus: 3\n", filled);
        Assert.Contains("disk: 100GiB\n", filled);
        Assert.Equal(ExitCodes.Usage, (await _cli.LimactlAsync("template", "copy", "--embed", "--verbatim", "my.yaml")).Exit);
    }

    [Fact]
    public async Task Copy_writes_a_file()
    {
        Assert.Equal(0, (await _cli.LimactlAsync("template", "copy", "--embed-all", "my.yaml", "out.yaml")).Exit);
        Assert.Contains("cpus: 3\n", File.ReadAllText(Path.Combine(_cli.WorkingDirectory, "out.yaml")));
        Assert.Equal(1, (await _cli.LimactlAsync("template", "copy", "my.yaml", "no/such/dir.yaml")).Exit);
    }

    [Fact]
    public async Task Yq_sees_bases_and_defaults()
    {
        Assert.Equal("3\n", (await _cli.LimactlAsync("template", "yq", "my.yaml", ".cpus")).Out);
        Assert.Equal("100GiB\n", (await _cli.LimactlAsync("template", "yq", "my.yaml", ".disk")).Out);
        var wrong = await _cli.LimactlAsync("template", "yq", "my.yaml", "env(HOME)");
        Assert.Equal(1, wrong.Exit);
        Assert.Contains("env operations have been disabled", wrong.Messages);
    }

    [Fact]
    public async Task The_users_defaults_and_overrides_take_part()
    {
        Write("lima/_config/default.yaml", "disk: 7GiB\ncpus: 1\n");
        Write("lima/_config/override.yaml", "memory: 2GiB\n");
        Assert.Equal("3 7GiB 2GiB\n", (await _cli.LimactlAsync("template", "yq", "my.yaml", ".cpus + \" \" + .disk + \" \" + .memory")).Out);
    }

    [Fact]
    public async Task Validate_fills_on_request_and_names_the_line_of_a_base()
    {
        var good = await _cli.LimactlAsync("template", "validate", "--fill", "my.yaml");
        Assert.Equal(0, good.Exit);
        Assert.Contains("`my.yaml`: OK", good.Messages);
        Assert.Contains("vmType: qemu\n", good.Out);
        Write("base.yaml", "# first line\ncpus: many\n");
        var bad = await _cli.LimactlAsync("validate", "my.yaml");
        Assert.Equal(1, bad.Exit);
        Assert.Contains("base.yaml:2:7", bad.Messages);
    }

    [Fact]
    public async Task Create_applies_its_flags_keeps_comments_and_refuses_what_does_not_hold()
    {
        CreateRequest? sent = null;
        using var host = new FakeHost(_cli.Home, request => (request.Method, request.Path) switch
        {
            ("GET", "/v1/instances/my") => FakeReply.Error(404, "instance-not-found", "no"),
            ("POST", "/v1/instances") => Sent(request),
            _ => FakeReply.Events(FakeReply.Settled(Views.Instance("my", "Stopped"))),
        });
        var result = await _cli.LimactlAsync("create", "--tty=false", "--cpus=2", "--param=A=c", "--set=.ssh.forwardAgent=true", "my.yaml");
        Assert.Equal(0, result.Exit);
        Assert.StartsWith("# about\n", sent!.Yaml);
        Assert.Contains("# an image\n", sent.Yaml);
        Assert.Contains("cpus: 2\n", sent.Yaml);
        Assert.Contains("  A: c\n", sent.Yaml);
        Assert.Contains("  forwardAgent: true\n", sent.Yaml);
        sent = null;
        var wrong = await _cli.LimactlAsync("create", "--set=.cpus=\"many\"", "my.yaml");
        Assert.Equal(1, wrong.Exit);
        Assert.Contains("cpus", wrong.Messages);
        Assert.Null(sent);
        Assert.Contains("template does not define param `Z`", (await _cli.LimactlAsync("create", "--param=Z=1", "my.yaml")).Messages);
        Assert.Contains("cannot apply the expression `.[`", (await _cli.LimactlAsync("create", "--set=.[", "my.yaml")).Messages);

        FakeReply Sent(FakeRequest request)
        {
            sent = JsonSerializer.Deserialize(request.Body, ContractsJson.Default.CreateRequest);
            return Views.Accepted(Views.Instance("my", "Stopped"));
        }
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_cli.WorkingDirectory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    [Fact]
    public async Task A_filled_template_is_of_no_instance_yet()
    {
        File.WriteAllText(Path.Combine(_cli.Path, "web.yaml"), "images: [{location: /a.img}]\ncopyToHost: [{guest: /etc/hosts, host: '{{.Dir}}/hosts'}]\n");
        var filled = await _cli.LimactlAsync("template", "copy", "--fill", "./web.yaml", "-");
        Assert.Contains($"host: {_cli.Home}/hosts\n", filled.Out, StringComparison.Ordinal);
    }
}
