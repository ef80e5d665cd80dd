using System.Diagnostics;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Tests.Processes;

public sealed class ProcessRunnerTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);

    private static Task<ToolResult> Shell(string script, TimeSpan? limit = null, int outputLimit = 1000, CancellationToken cancel = default) =>
        ProcessRunner.RunAsync(new ProcessSpec("sh", ["-c", script]), limit ?? Generous, cancel, outputLimit);

    [Fact]
    public async Task Tells_output_errors_and_status()
    {
        var result = await Shell("echo out; echo one >&2; echo two >&2; cat; exit 3");

        Assert.Equal(new ToolResult(3, "out\n", "one\ntwo\n", false), result);
        Assert.Equal("two", result.LastError);
        Assert.Equal("exit status 4", (await Shell("exit 4")).LastError);
    }

    [Fact]
    public async Task Keeps_no_more_than_allowed_and_still_lets_the_tool_finish()
    {
        var result = await Shell("head -c 1000000 /dev/zero | tr '\\0' x; exit 5", outputLimit: 100);

        Assert.Equal(5, result.ExitCode);
        Assert.Equal(new string('x', 100), result.Output);
        Assert.True(result.Truncated);
    }

    [Fact]
    public async Task Ends_a_tool_that_takes_too_long()
    {
        var late = await Assert.ThrowsAsync<DriverException>(() => Shell("sleep 100", TimeSpan.FromMilliseconds(200)));

        Assert.Equal("tool-timeout", late.Cause.Code);
    }

    [Fact]
    public async Task Does_not_wait_for_a_grandchild_that_keeps_the_pipes()
    {
        var started = Stopwatch.GetTimestamp();
        var result = await Shell("echo done; sleep 60 & echo $!").WaitAsync(TimeSpan.FromSeconds(40));
        using var grandchild = Process.GetProcessById(int.Parse(result.Output.Split('\n')[1]));
        grandchild.Kill();

        Assert.StartsWith("done\n", result.Output, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task Obeys_the_caller_and_names_what_is_missing()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Shell("sleep 100", cancel: cancel.Token));

        var missing = await Assert.ThrowsAsync<DriverException>(() =>
            ProcessRunner.RunAsync(new ProcessSpec("no-such-tool", []), Generous, CancellationToken.None));
        Assert.Equal("tool-missing", missing.Cause.Code);
    }
}
