using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Commands in the guest: what goes in and what comes out.</summary>
public sealed class ShellTests(LimaHome home) : IClassFixture<LimaHome>
{
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task The_exit_status_is_that_of_the_command()
    {
        await home.RunningAsync("t1");
        Assert.Equal(0, (await _cli.RunAsync("shell", "t1", "true")).ExitCode);
        Assert.Equal(7, (await _cli.RunAsync("shell", "t1", "sh", "-c", "exit 7")).ExitCode);
        Assert.Equal(127, (await _cli.RunAsync("shell", "t1", "no-such-program")).ExitCode);
        var ran = await _cli.RunAsync("shell", "t1", "sh", "-c", "echo out; echo err >&2");
        Assert.Equal(("out\n", "err\n"), (ran.Out, ran.Error));
    }

    [ProductFact]
    public async Task Words_arrive_as_they_were_given()
    {
        await home.RunningAsync("t1");
        string[] words = ["a b", "$HOME", "'q'", "\"d\"", "*", "\\", "é", "", "line\nfeed", ";", "-n"];
        var shown = await _cli.GuestAsync("t1", ["printf", "[%s]", .. words]);
        Assert.Equal(string.Concat(words.Select(word => $"[{word}]")), shown);
    }

    [ProductFact]
    public async Task Standard_input_goes_in_whole()
    {
        await home.RunningAsync("t1");
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(n => $"line {n}\n"));
        Assert.Equal(text, (await _cli.PipeAsync(text, "shell", "t1", "cat")).Ok());
    }

    [ProductFact]
    public async Task Variables_are_set_by_assignment_or_taken_along()
    {
        await home.RunningAsync("t1");
        Assert.Equal("a b", await _cli.GuestAsync("t1", "WORD=a b", "sh", "-c", "echo \"$WORD\""));
        var cli = _cli.With("FROM_HOST", "x  y'z");
        string[] show = ["t1", "sh", "-c", "echo \"<$FROM_HOST>\""];
        Assert.Equal("<x  y'z>\n", (await cli.RunAsync(["shell", "--preserve-env", .. show])).Ok());
        Assert.Equal("<>\n", (await cli.RunAsync(["shell", .. show])).Ok());
    }

    [ProductFact]
    public async Task The_working_directory_can_be_chosen_and_must_exist()
    {
        await home.RunningAsync("t1");
        Assert.Equal("/usr", (await _cli.RunAsync("shell", "--workdir", "/usr", "t1", "pwd")).Ok().TrimEnd('\n'));
        Assert.Equal(1, (await _cli.RunAsync("shell", "--workdir", "/no/such", "t1", "pwd")).ExitCode);
    }

    [ProductFact]
    public async Task Lima_runs_words_in_the_chosen_instance_and_knows_its_verbs()
    {
        await home.RunningAsync("t1");
        var cli = _cli.With("LIMA_INSTANCE", "t1");
        Assert.Equal("Linux\n", (await cli.LimaAsync("uname", "-s")).Ok());
        Assert.Equal("lima-t1\n", (await cli.LimaAsync("hostname")).Ok());
        Assert.Contains("t1", (await cli.LimaAsync("list")).Ok());
    }

    [ProductFact]
    public async Task The_guests_account_is_no_root_and_may_become_it()
    {
        await home.RunningAsync("t1");
        Assert.NotEqual("0", await _cli.GuestAsync("t1", "id", "-u"));
        Assert.Equal("0", await _cli.GuestAsync("t1", "sudo", "id", "-u"));
    }

    [ProductFact]
    public async Task Plain_OpenSSH_works_with_the_instances_configuration()
    {
        await home.RunningAsync("t1");
        var ran = await _cli.ExecAsync("ssh", ["-F", home["t1/ssh.config"], "-o", "ControlPath=none", "-o", "BatchMode=yes", "lima-t1", "hostname"], TimeSpan.FromSeconds(60));
        Assert.Equal("lima-t1\n", ran.Ok());
    }
}
