using System.Text.Json;
using Lima.Cli.Tests.Support;
using Lima.Contracts;

namespace Lima.Cli.Tests;

/// <summary><c>edit</c>, <c>clone</c> and <c>rename</c>.</summary>
public sealed class EditTests : IDisposable
{
    private const string Yaml = "# mine\nimages:\n- location: /a.img\n  arch: x86_64\ncpus: 1\n";
    private readonly CliRun _cli = new();
    private readonly List<string> _edited = [];
    private InstanceView _view;
    private FakeReply? _refusal;
    private FakeHost? _host;

    public EditTests() => _view = Views.Instance("web", "Stopped") with { Dir = Path.Combine(_cli.Home, "web") };

    public void Dispose()
    {
        _host?.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task Flags_change_the_text_and_comments_stay()
    {
        Given();
        var result = await _cli.LimactlAsync("edit", "--cpus=4", "--memory=2", "web");
        Assert.Equal((0, ""), (result.Exit, result.Out));
        var yaml = Assert.Single(_edited);
        Assert.StartsWith("# mine\nimages:", yaml, StringComparison.Ordinal);
        Assert.Contains("cpus: 4\n", yaml, StringComparison.Ordinal);
        Assert.Contains("memory: 2GiB", yaml, StringComparison.Ordinal);
        Assert.Contains("Instance `web` configuration edited", result.Messages, StringComparison.Ordinal);
        Assert.DoesNotContain(_host!.Requests, r => r.Path.EndsWith("/start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_editor_gets_the_text_with_an_explanation_and_gives_the_new_one()
    {
        Given();
        Editor("cp \"$2\" seen; sed -i 's/cpus: 1/cpus: 8/' \"$2\"", "--wait");
        var result = await _cli.LimactlAsync("edit", "--tty", "web");
        Assert.Equal(0, result.Exit);
        Assert.Equal(Yaml.Replace("cpus: 1", "cpus: 8"), Assert.Single(_edited));
        var seen = await File.ReadAllTextAsync(Path.Combine(_cli.Path, "seen"));
        Assert.StartsWith("# Please edit the following configuration for Lima instance `web`\n# and an empty file will abort the edit.\n\n# mine", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", "Aborting, no changes made to the instance")]
    [InlineData("echo ' ' > \"$1\"", "Aborting, as requested by saving the file with empty content")]
    public async Task An_editor_that_changes_nothing_or_empties_the_file_aborts(string script, string message)
    {
        Given();
        Editor(script);
        var result = await _cli.LimactlAsync("edit", "--tty", "web");
        Assert.Equal(0, result.Exit);
        Assert.Contains(message, result.Messages, StringComparison.Ordinal);
        Assert.Empty(_edited);
    }

    [Fact]
    public async Task An_editor_that_fails_or_is_missing_changes_nothing()
    {
        Given();
        Editor("exit 3");
        var failed = await _cli.LimactlAsync("edit", "--tty", "web");
        Assert.Equal(1, failed.Exit);
        Assert.Contains("it ended with status 3", failed.Messages, StringComparison.Ordinal);
        _cli.Environment.Remove("EDITOR");
        _cli.Environment["PATH"] = _cli.Path;
        var missing = await _cli.LimactlAsync("edit", "--tty", "web");
        Assert.Equal(1, missing.Exit);
        Assert.Contains("could not detect a text editor binary (hint: set $EDITOR)", missing.Messages, StringComparison.Ordinal);
        Assert.Empty(_edited);
    }

    [Fact]
    public async Task Without_a_terminal_and_flags_there_is_nothing_to_do()
    {
        Given();
        var result = await _cli.LimactlAsync("edit", "web");
        Assert.Equal(0, result.Exit);
        Assert.Contains("Aborting, as requested by saving the file with empty content", result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_text_is_saved_and_each_problem_named()
    {
        _refusal = FakeReply.Json(
            new ErrorReply(new ErrorView("invalid", "the new configuration of instance `web` cannot be used: 1 problem(s)", null, [new ProblemView("/x/lima.yaml", 5, 7, "cpus", "must be at most 1")])),
            ContractsJson.Default.ErrorReply, 400);
        Given();
        var result = await _cli.LimactlAsync("edit", "--cpus=400", "web");
        Assert.Equal(1, result.Exit);
        var saved = Path.Combine(_cli.Path, "lima.REJECTED.yaml");
        Assert.Contains("cpus: 400", await File.ReadAllTextAsync(saved), StringComparison.Ordinal);
        Assert.Contains($"{saved}:5:7: field `cpus`: must be at most 1", result.Messages, StringComparison.Ordinal);
        Assert.Contains("the YAML is invalid, saved the buffer as `lima.REJECTED.yaml`", result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_instance_and_an_unknown_one_are_refused_before_any_editor_opens()
    {
        _view = _view with { Status = "Running" };
        Given();
        Editor("touch opened");
        var running = await _cli.LimactlAsync("edit", "--tty", "web");
        Assert.Equal(1, running.Exit);
        Assert.Contains("cannot edit a running instance (hint: stop it first: `limactl stop web`)", running.Messages, StringComparison.Ordinal);
        var unknown = await _cli.LimactlAsync("edit", "--tty", "none");
        Assert.Equal(1, unknown.Exit);
        Assert.Contains("instance `none` not found", unknown.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_cli.Path, "opened")));
    }

    [Fact]
    public async Task What_fails_after_it_was_accepted_is_told()
    {
        Given(failure: "no space left");
        var result = await _cli.LimactlAsync("edit", "--cpus=4", "web");
        Assert.Equal(1, result.Exit);
        Assert.Contains("instance `web` was not edited: no space left (hint: free some)", result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_checked_and_rewritten_in_place()
    {
        var file = Path.Combine(_cli.Path, "my.yaml");
        await File.WriteAllTextAsync(file, Yaml);
        Assert.Equal(0, (await _cli.LimactlAsync("edit", "--cpus=2", "./my.yaml")).Exit);
        Assert.Contains("cpus: 2", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        var wrong = await _cli.LimactlAsync("edit", "--set", ".disk = \"1MiB\" | .cpus = \"many\"", "./my.yaml");
        Assert.Equal(1, wrong.Exit);
        Assert.Contains("shrinking the disk (100GiB --> 1MiB) is not supported", wrong.Messages, StringComparison.Ordinal);
        Assert.Contains("field `cpus`", wrong.Messages, StringComparison.Ordinal);
        Assert.Contains("cpus: 2", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Equal(1, (await _cli.LimactlAsync("edit", "--cpus=2", "./none.yaml")).Exit);
    }

    [Fact]
    public async Task An_expression_that_fails_is_named()
    {
        Given();
        var result = await _cli.LimactlAsync("edit", "--set", ".cpus = = 1", "web");
        Assert.Equal(1, result.Exit);
        Assert.Contains("cannot apply the expression `.cpus = = 1`", result.Messages, StringComparison.Ordinal);
        Assert.Empty(_edited);
    }

    [Theory]
    [InlineData("clone")]
    [InlineData("rename")]
    public async Task Another_name_is_asked_for_and_flags_change_what_has_it(string verb)
    {
        Given(alsoNamed: "copy");
        var result = await _cli.LimactlAsync(verb, "--cpus=4", "web", "copy");
        Assert.Equal((0, "", ""), (result.Exit, result.Out, result.Messages));
        var request = Assert.Single(_host!.Requests, r => r.Path == $"/v1/instances/web/{verb}");
        Assert.Equal("copy", JsonSerializer.Deserialize(request.Body, ContractsJson.Default.NewNameRequest)!.Name);
        Assert.Contains("cpus: 4", Assert.Single(_edited), StringComparison.Ordinal);
        Assert.Contains(_host.Requests, r => r.Path == "/v1/instances/copy/edit");
    }

    [Fact]
    public async Task A_new_name_needs_both_names_and_an_instance()
    {
        Given();
        Assert.Equal(2, (await _cli.LimactlAsync("clone", "web")).Exit);
        var unknown = await _cli.LimactlAsync("rename", "none", "other");
        Assert.Equal(1, unknown.Exit);
        Assert.Contains("instance `none` not found", unknown.Messages, StringComparison.Ordinal);
    }

    private void Given(string? failure = null, string? alsoNamed = null)
    {
        foreach (var name in new[] { "web", alsoNamed ?? "web" })
        {
            Directory.CreateDirectory(Path.Combine(_cli.Home, name));
            File.WriteAllText(Path.Combine(_cli.Home, name, "lima.yaml"), Yaml);
        }

        _host = new FakeHost(_cli.Home, request =>
        {
            var name = request.Path.Split('/', '?')[3];
            if (name != "web" && name != alsoNamed) return Views.NotFound(name);
            var view = _view with { Name = name, Dir = Path.Combine(_cli.Home, name) };
            if (request.Path.Contains("/follow", StringComparison.Ordinal)) return Follow(view, failure);
            if (!request.Path.EndsWith("/edit", StringComparison.Ordinal)) return request.Method == "GET" ? Views.One(view) : Views.Accepted(view);
            if (_refusal is not null) return _refusal;
            _edited.Add(JsonSerializer.Deserialize(request.Body, ContractsJson.Default.EditRequest)!.Yaml);
            return Views.Accepted(view with { Intent = "editing" });
        });
    }

    private static FakeReply Follow(InstanceView view, string? failure) => failure is null
        ? FakeReply.Events(FakeReply.Settled(view))
        : FakeReply.Events(
            FakeReply.Event(StreamNames.Vm, new EventView { Sequence = 8, Time = default, Id = "x", Instance = "web", Type = "vm.request-failed.v1", Text = "not done" }, ContractsJson.Default.EventView, 8),
            FakeReply.Settled(view with { Cause = new CauseView("edit-failed", "writing", failure, "free some") }));

    private void Editor(string script, string arguments = "")
    {
        var file = Path.Combine(_cli.Path, "my editor");
        File.WriteAllText(file, $"#!/bin/sh\ncd '{_cli.Path}'\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _cli.Environment["EDITOR"] = $"'{file}' {arguments}";
    }
}
