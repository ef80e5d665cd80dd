using System.Text.Json;
using Lima.Cli.Tests.Support;
using Lima.Contracts;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Cli.Tests;

/// <summary>What <c>create</c> and <c>start</c> ask at a terminal. The terminal is a real one, the host is not.</summary>
public sealed class CreateMenuTests : IDisposable
{
    private const string Yaml = "# mine\nimages:\n- location: /a.img\n  arch: x86_64\ncpus: 1\n";
    private const string Question = "Choose 1-4 [1]: ";
    private readonly CliRun _cli = new();
    private readonly FakeHost _host;
    private readonly bool _able;
    private readonly List<string> _created = [];

    public CreateMenuTests(ITestOutputHelper output)
    {
        _able = Need.Programs(output, "script");
        _cli.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        _cli.Environment["LIMA_TEMPLATES_PATH"] = Directory.CreateDirectory(Path.Combine(_cli.Path, "templates")).FullName;
        File.WriteAllText(Path.Combine(_cli.Path, "templates/other.yaml"), Yaml.Replace("mine", "other"));
        File.WriteAllText(Path.Combine(_cli.Path, "web.yaml"), Yaml);
        _host = new FakeHost(_cli.Home, request =>
        {
            if (request is { Method: "POST", Path: "/v1/instances" })
            {
                var wanted = JsonSerializer.Deserialize(request.Body, ContractsJson.Default.CreateRequest)!;
                lock (_created) _created.Add($"{wanted.Name}: {wanted.Yaml}");
                return Views.Accepted(Views.Instance("web", "Stopped"));
            }

            return request.Path.Contains("/follow") ? FakeReply.Events(FakeReply.Settled(Views.Instance("web", "Stopped"))) : Views.NotFound("web");
        });
    }

    public void Dispose()
    {
        _host.Dispose();
        _cli.Dispose();
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("1\n")]
    [InlineData("pro\n")]
    public async Task The_first_entry_proceeds(string keys)
    {
        if (!_able) return;
        using var terminal = Create();
        await terminal.AnswerAsync(Question, keys);
        Assert.Equal(0, await terminal.EndAsync());
        Assert.Equal("web: " + Yaml, Assert.Single(_created));
        Assert.Contains("Run `limactl start web` to start the instance.", terminal.Shown);
    }

    [Fact]
    public async Task The_second_opens_an_editor()
    {
        if (!_able) return;
        Editor("cp \"$1\" seen; sed -i 's/cpus: 1/cpus: 2/' \"$1\"");
        using var terminal = Create();
        await terminal.AnswerAsync(Question, "2\n");
        Assert.True(await terminal.EndAsync() == 0, terminal.Shown);
        Assert.Equal("web: " + Yaml.Replace("cpus: 1", "cpus: 2"), Assert.Single(_created));
        Assert.StartsWith("# Review and modify the following configuration for Lima instance `web`.\n", await File.ReadAllTextAsync(Path.Combine(_cli.Path, "seen")));
    }

    [Fact]
    public async Task An_editor_that_leaves_nothing_ends_it()
    {
        if (!_able) return;
        Editor(": > \"$1\"");
        using var terminal = Create();
        await terminal.AnswerAsync(Question, "2\n");
        Assert.Equal(0, await terminal.EndAsync());
        Assert.Contains("Aborting, as requested by saving the file with empty content", terminal.Shown);
        Assert.Empty(_created);
    }

    [Fact]
    public async Task What_an_editor_made_invalid_is_saved_and_named()
    {
        if (!_able) return;
        Editor("sed -i 's/cpus: 1/cpus: -1/' \"$1\"");
        using var terminal = Create();
        await terminal.AnswerAsync(Question, "2\n");
        Assert.Equal(1, await terminal.EndAsync());
        Assert.Contains("saved the buffer as `lima.REJECTED.yaml`", terminal.Shown);
        Assert.Contains("field `cpus`", terminal.Shown);
        Assert.Equal(Yaml.Replace("cpus: 1", "cpus: -1"), await File.ReadAllTextAsync(Path.Combine(_cli.Path, "lima.REJECTED.yaml")));
        Assert.Empty(_created);
    }

    [Fact]
    public async Task The_third_takes_another_template_under_the_same_name()
    {
        if (!_able) return;
        using var terminal = Create("--cpus=3");
        await terminal.AnswerAsync(Question, "3\n");
        await terminal.AnswerAsync("1) other\n", "1\n");
        await terminal.AnswerAsync(Question, "1\n");
        Assert.Equal(0, await terminal.EndAsync());
        Assert.Equal("web: " + Yaml.Replace("mine", "other").Replace("cpus: 1", "cpus: 3"), Assert.Single(_created));
    }

    [Fact]
    public async Task The_fourth_makes_nothing()
    {
        if (!_able) return;
        using var terminal = Create();
        await terminal.AnswerAsync(Question, "nonsense\n");
        await terminal.AnswerAsync(Question, "4\n");
        Assert.Equal(0, await terminal.EndAsync());
        Assert.Empty(_created);
    }

    [Fact]
    public async Task Interrupting_makes_nothing()
    {
        if (!_able) return;
        using var terminal = Create();
        await terminal.AnswerAsync(Question, "\x03");
        Assert.Equal(ExitCodes.Interrupted, await terminal.EndAsync());
        Assert.Contains("Interrupted by user", terminal.Shown);
        Assert.Empty(_created);
    }

    [Theory]
    [InlineData("--tty=false")]
    [InlineData("--yes")]
    public async Task Who_says_so_is_not_asked(string flag)
    {
        if (!_able) return;
        using var terminal = Create(flag);
        Assert.Equal(0, await terminal.EndAsync());
        Assert.DoesNotContain("Choose", terminal.Shown);
        Assert.Contains("Terminal is not available, proceeding without opening an editor", terminal.Shown);
        Assert.Single(_created);
    }

    private Terminal Create(params string[] flags) => new(_cli, ["create", .. flags, "--name=web", "./web.yaml"]);

    private void Editor(string script)
    {
        var file = Path.Combine(_cli.Path, "editor");
        File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _cli.Environment["EDITOR"] = file;
    }
}
