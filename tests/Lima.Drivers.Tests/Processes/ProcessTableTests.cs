using System.Diagnostics;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Tests.Processes;

public sealed class ProcessTableTests
{
    private const int Kill = 9;
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);
    private readonly ProcessTable _table = new();

    [Fact]
    public void Identifies_itself_and_not_a_number_that_nobody_has()
    {
        var self = _table.Identify(Environment.ProcessId);

        Assert.NotNull(self);
        Assert.True(self.StartTicks > 0);
        Assert.True(_table.IsAlive(self));
        Assert.Null(_table.Identify(int.MaxValue));
    }

    [Fact]
    public async Task A_number_with_another_start_time_or_boot_is_another_process()
    {
        var self = _table.Identify(Environment.ProcessId)!;

        Assert.False(_table.IsAlive(self with { StartTicks = self.StartTicks + 1 }));
        Assert.False(_table.IsAlive(self with { BootId = "another" }));
        Assert.False(_table.Signal(self with { StartTicks = self.StartTicks + 1 }, Kill)); // We would not be here.
        await _table.WaitExitAsync(self with { BootId = "another" }, CancellationToken.None).WaitAsync(Generous);
    }

    [Fact]
    public async Task Waits_for_a_process_that_it_did_not_launch_and_kills_it()
    {
        using var process = Process.Start("sleep", "100");
        var identity = _table.Identify(process.Id)!;
        var gone = _table.WaitExitAsync(identity, CancellationToken.None);
        Assert.False(gone.IsCompleted);

        Assert.True(_table.Signal(identity, Kill));
        await gone.WaitAsync(Generous);

        Assert.False(_table.IsAlive(identity));
        Assert.False(_table.Signal(identity, Kill));
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        using var process = Process.Start("sleep", "100");
        using var cancel = new CancellationTokenSource();
        var wait = _table.WaitExitAsync(_table.Identify(process.Id)!, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Generous));
        process.Kill();
    }

    [Fact]
    public async Task Many_waits_share_one_thread()
    {
        var processes = Enumerable.Range(0, 20).Select(_ => Process.Start("sleep", "100")).ToArray();
        var waits = processes.Select(p => _table.WaitExitAsync(_table.Identify(p.Id)!, CancellationToken.None)).ToArray();
        var threads = Directory.EnumerateDirectories("/proc/self/task")
            .Count(task => File.ReadAllText(task + "/comm").StartsWith("process-exits", StringComparison.Ordinal));

        foreach (var process in processes) process.Kill();
        await Task.WhenAll(waits).WaitAsync(Generous);

        Assert.Equal(1, threads);
        foreach (var process in processes) process.Dispose();
    }

    [Fact]
    public void Finds_processes_by_consecutive_arguments()
    {
        using var process = Process.Start("sleep", "100");
        using var other = Process.Start("tail", ["-f", "/dev/null", "--pid", $"{process.Id}"]);

        var found = SpinUntil(() => _table.FindByArguments("--pid", $"{process.Id}"));

        Assert.Equal(other.Id, Assert.Single(found).Pid);
        Assert.Empty(_table.FindByArguments($"{process.Id}", "--pid"));
        foreach (var each in new[] { process, other }) each.Kill();
    }

    private static IReadOnlyList<T> SpinUntil<T>(Func<IReadOnlyList<T>> look)
    {
        IReadOnlyList<T> found = [];
        SpinWait.SpinUntil(() => (found = look()).Count > 0, Generous);
        return found;
    }
}
