using Lima.Drivers.Files;
using Lima.Testing;

namespace Lima.Drivers.Tests.Files;

public sealed class DirectoryLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task There_is_one_holder_at_a_time()
    {
        var (inside, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var only = await DirectoryLock.AcquireAsync(_directory.Path, TimeSpan.FromMinutes(1), CancellationToken.None);
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Delay(5);
            Interlocked.Decrement(ref inside);
        })));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_lock_that_stays_taken_is_a_failure_that_names_the_directory()
    {
        using var holder = await DirectoryLock.AcquireAsync(_directory.Path, TimeSpan.FromSeconds(5), CancellationToken.None);
        var failure = await Assert.ThrowsAsync<DriverException>(
            () => DirectoryLock.AcquireAsync(_directory.Path, TimeSpan.FromMilliseconds(50), CancellationToken.None));
        Assert.Equal("lock-busy", failure.Cause.Code);
        Assert.Contains(_directory.Path, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        using var holder = await DirectoryLock.AcquireAsync(_directory.Path, TimeSpan.FromSeconds(5), CancellationToken.None);
        using var cancel = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => DirectoryLock.AcquireAsync(_directory.Path, TimeSpan.FromMinutes(1), cancel.Token));
    }

    [Fact]
    public async Task A_missing_directory_is_a_failure()
    {
        var failure = await Assert.ThrowsAsync<DriverException>(
            () => DirectoryLock.AcquireAsync(_directory["none"], TimeSpan.FromSeconds(1), CancellationToken.None));
        Assert.Equal("lock-failed", failure.Cause.Code);
    }
}
