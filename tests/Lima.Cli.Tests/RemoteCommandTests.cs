using Lima.Cli.Shell;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

public sealed class RemoteCommandTests
{
    private const string Shell = "\"$SHELL\"";

    [Theory]
    [InlineData("exec \"$SHELL\" -l")]
    [InlineData("exec \"$SHELL\" -l -c 'uname -a'", "uname", "-a")]
    [InlineData("exec \"$SHELL\" -l -c uptime", "uptime")]
    [InlineData("exec \"$SHELL\" -l -c 'A=1 B='\"'\"'x y'\"'\"' env C=3'", "A=1", "B=x y", "env", "C=3")]
    [InlineData("exec \"$SHELL\" -l -c 'sh -c '\"'\"'echo $HOME'\"'\"''", "sh", "-c", "echo $HOME")]
    [InlineData("exec \"$SHELL\" -l -c 'echo '\"'\"''\"'\"''", "echo", "")]
    public void Words_arrive_as_they_were_typed(string expected, params string[] command) =>
        Assert.Equal(expected, RemoteCommand.Build(new StartDirectory.Unchanged(), Shell, [], command));

    [Fact]
    public void A_directory_asked_for_must_exist() =>
        Assert.Equal(
            "cd '/my dir' || exit 1 ; exec \"$SHELL\" -l -c ls",
            RemoteCommand.Build(new StartDirectory.Must("/my dir"), Shell, [], ["ls"]));

    [Fact]
    public void Other_directories_are_tried_in_order() =>
        Assert.Equal(
            "cd /home/me/src 2>/dev/null || cd /home/me 2>/dev/null ; exec /bin/zsh -l",
            RemoteCommand.Build(new StartDirectory.Try(["/home/me/src", "/home/me"]), "/bin/zsh", [], []));

    [Fact]
    public void Preserved_variables_are_set_before_the_shell() =>
        Assert.Equal(
            "exec env A=1 B='it'\"'\"'s' /bin/sh -l -c env",
            RemoteCommand.Build(new StartDirectory.Unchanged(), "/bin/sh", [new("A", "1"), new("B", "it's")], ["env"]));

    /// <summary>The proof of quoting is a shell: what it prints is what was typed.</summary>
    [Theory]
    [InlineData("a b", "c\td", "e\nf")]
    [InlineData("'single'", "\"double\"", "back\\slash")]
    [InlineData("$HOME", "`id`", "$(id)", "*", "~", "!x", "#", "a;b", "a&b", "<", ">", "é€😀")]
    [InlineData("", "-n", "--", "x=y")]
    public async Task A_real_shell_gives_every_word_back(params string[] words)
    {
        var text = RemoteCommand.Build(new StartDirectory.Unchanged(), "/bin/sh", [], ["printf", "%s\\037", .. words]);
        var start = new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", text]) { RedirectStandardOutput = true };
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(string.Concat(words.Select(word => word + "\x1f")), output);
    }

    [Fact]
    public void The_directory_follows_Limas_rule()
    {
        SharedDirectory[] home = [new("/home/me", "/home/me")];
        Assert.Equal(new StartDirectory.Must("/x"), WorkingDirectory.Choose("/x", "/home/me", "/home/me", home));
        Assert.Equal(["/home/me/src", "/home/me"], Tried("/home/me/src", home));
        Assert.Equal(["/home/me"], Tried("/home/me", home));
        Assert.Equal(["/home/me"], Tried("/home/meow", home));
        Assert.Equal(["/mnt/src/a", "/home/me"], Tried("/srv/src/a", [new("/srv/src/", "/mnt/src")]));
        Assert.IsType<StartDirectory.Unchanged>(WorkingDirectory.Choose(null, "/etc", "/home/me", []));

        static IReadOnlyList<string> Tried(string current, SharedDirectory[] shared) =>
            Assert.IsType<StartDirectory.Try>(WorkingDirectory.Choose(null, current, "/home/me", shared)).Paths;
    }

    [Theory]
    [InlineData(new[] { "web", "ls", "-l" }, "web", new[] { "ls", "-l" })]
    [InlineData(new[] { "web", "--", "ls", "--", "x" }, "web", new[] { "ls", "--", "x" })]
    [InlineData(new[] { "--workdir=/", "web", "--shell", "x" }, "web", new[] { "--shell", "x" })]
    [InlineData(new[] { "--shell", "/bin/sh", "web" }, "web", new string[0])]
    [InlineData(new[] { "--instance", "web", "ls" }, "web", new[] { "ls" })]
    [InlineData(new[] { "--debug", "--log-level", "info", "web", "id" }, "web", new[] { "id" })]
    public void Flags_end_at_the_first_word(string[] arguments, string instance, string[] command)
    {
        var options = ShellOptions.Parse(arguments);
        Assert.Equal(instance, options.Instance);
        Assert.Equal(command, options.Command);
    }

    [Fact]
    public void An_unknown_flag_before_the_instance_is_refused()
    {
        var refused = Assert.Throws<CliException>(() => ShellOptions.Parse(["--bogus", "web"]));
        Assert.Equal((2, "unknown flag: --bogus"), (refused.ExitCode, refused.Message));
    }

    [Fact]
    public void The_environment_is_filtered_by_patterns()
    {
        Dictionary<string, string> environment = new() { ["PATH"] = "p", ["FOO"] = "1", ["SSH_AUTH_SOCK"] = "s", ["_x"] = "u", ["BARFOO"] = "2", ["bad-name"] = "3" };
        Assert.Equal(["BARFOO", "FOO"], Names(null, null));
        Assert.Equal(["BARFOO", "FOO", "SSH_AUTH_SOCK"], Names(null, "SSH_*"));
        Assert.Equal(["PATH", "SSH_AUTH_SOCK", "_x"], Names("*FOO", null));
        Assert.Equal(["FOO"], Names("+BAR*, NONE", null));
        var wrong = Assert.Throws<CliException>(() => new EnvironmentFilter("FOO-BAR", null));
        Assert.Equal("pattern `FOO-BAR` contains invalid character `-` at position 3", wrong.Message);

        IEnumerable<string> Names(string? block, string? allow) => new EnvironmentFilter(block, allow).Apply(environment).Select(pair => pair.Key);
    }

    [Fact]
    public void Settings_come_from_the_instances_own_yaml()
    {
        using var cli = new CliRun();
        var file = Path.Combine(cli.Path, "lima.yaml");
        File.WriteAllText(file, "cpus: 2\nuser:\n  shell: /bin/fish\nmounts:\n- location: \"~\"\n- {location: /srv, mountPoint: /mnt/srv, sshfs: {cache: true}}\n");
        var settings = InstanceSettings.Read(file, "/home/me");
        Assert.Equal("/bin/fish", settings.LoginShell);
        Assert.Equal([new SharedDirectory("/home/me", "/home/me"), new SharedDirectory("/srv", "/mnt/srv")], settings.Shared);
        File.WriteAllText(file, "mounts: [\n");
        Assert.Empty(InstanceSettings.Read(file, "/home/me").Shared);
    }
}
