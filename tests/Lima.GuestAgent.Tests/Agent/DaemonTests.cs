using System.Diagnostics;
using Lima.Domain.Agent;
using Lima.GuestAgent.Agent;
using Lima.Testing;

namespace Lima.GuestAgent.Tests.Agent;

/// <summary>The program itself.</summary>
public sealed class DaemonTests
{
    [Theory]
    [InlineData("--help", 0)]
    [InlineData("--port", 2)]
    [InlineData("--port relative", 2)]
    [InlineData("--what", 2)]
    public void Words_that_are_not_understood_are_answered_by_those_that_are(string words, int expected)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Assert.Equal(expected, DaemonCommand.Run(words.Split(' '), output, errors));
        Assert.Contains("Usage: lima-guestagent daemon", (expected == 0 ? output : errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_read()
    {
        Assert.Equal(new DaemonOptions(null, false), DaemonOptions.Parse([]));
        Assert.Equal(new DaemonOptions("/a", true), DaemonOptions.Parse(["--unprivileged", "--port", "/a"]));
    }

    [Fact]
    public void It_serves_tells_its_end_and_ends_without_delay()
    {
        using var directory = new TemporaryDirectory();
        using var process = Start("daemon", "--unprivileged", "--port", directory["port"]);
        using (var host = AgentClient.Begin(directory["port"]))
        {
            host.Send(AgentFrameType.Watch, 0, new AgentWatch(true));
            Assert.True(host.Expect(AgentFrameType.Listeners).As<AgentListeners>().Number > 0);
            using var kill = Process.Start("kill", $"-TERM {process.Id}");
            Assert.Equal(AgentFrameType.Leaving, host.Expect(AgentFrameType.Leaving).Type);
        }

        Assert.True(process.WaitForExit(60_000));
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("the host has begun a session", process.StandardError.ReadToEnd(), StringComparison.Ordinal);
        Assert.False(File.Exists(directory["port"]));
    }

    [Fact]
    public void Nobody_but_root_may_run_it()
    {
        using var process = Environment.UserName == "root" ? Start("setpriv", null, "--reuid=65534", "--clear-groups") : Start("daemon");
        var error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(60_000));
        Assert.NotEqual(0, process.ExitCode);
        // Another user may not even be able to read the program where the tests lie.
        Assert.DoesNotContain("has started", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1000", 0u, 1000u, 1000u)]
    [InlineData("501", 0u, 501u, 20u)]
    [InlineData("7", 0u, 7u, 7u)]
    [InlineData(null, 501u, 501u, 20u)]
    [InlineData("x", 0u, 0u, 0u)]
    public void The_guest_s_user_has_the_group_that_passwd_says(string? number, uint self, uint user, uint group) =>
        Assert.Equal(new GuestUser(user, group), GuestUser.Of(number, self, ["root:x:0:0::/root:/bin/sh", "a:x:1000:1000:::", "b:x:501:20:::", "broken"]));

    [Fact]
    public void The_kernel_s_texts_say_how_the_machine_is()
    {
        Assert.Equal(
            new AgentStatus(125, 2048000, 1024000, 12340),
            MachineState.Parse("1.25 0.50 0.10 1/100 1234\n", "MemTotal:        2000 kB\nMemFree: 5 kB\nMemAvailable:    1000 kB\n", "12.34 20.00\n"));
        Assert.Equal(default, MachineState.Parse("", "", ""));
        Assert.Equal(default, MachineState.Parse("x", "MemTotal: x kB\nMemAvailable:", "-"));
    }

    private static Process Start(string command, params string?[] words)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "lima-guestagent.dll");
        string?[] line = command == "setpriv" ? [.. words, "dotnet", program, "daemon"] : [program, command, .. words];
        return Process.Start(new ProcessStartInfo(command == "setpriv" ? "setpriv" : "dotnet", line.OfType<string>()) { RedirectStandardError = true })!;
    }
}
