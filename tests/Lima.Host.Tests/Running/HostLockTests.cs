using Lima.Drivers.Instances;
using Lima.Host.Options;
using Lima.Testing;

namespace Lima.Host.Tests.Running;

public sealed class HostLockTests
{
    [Fact]
    public async Task One_at_a_time_and_free_again_afterwards()
    {
        using var directory = new TemporaryDirectory();
        var home = new LimaHome(directory.Path);
        Directory.CreateDirectory(home.HostDirectory);
        using (var first = HostLock.TryTake(home.LockFile))
        {
            Assert.NotNull(first);
            Assert.Null(HostLock.TryTake(home.LockFile));
            Assert.Equal($"{Environment.ProcessId}\n", await ReadAsync(home.LockFile));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(home.LockFile));
            var problem = await Assert.ThrowsAsync<HostOptionsException>(() => HostLock.TakeAsync(home, TimeSpan.FromMilliseconds(100)));
            Assert.Contains(home.LockFile, problem.Message, StringComparison.Ordinal);
        }

        using var second = await HostLock.TakeAsync(home, TimeSpan.FromSeconds(10));
        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_host_that_is_ending_is_waited_for()
    {
        using var directory = new TemporaryDirectory();
        var home = new LimaHome(directory.Path);
        Directory.CreateDirectory(home.HostDirectory);
        var first = HostLock.TryTake(home.LockFile)!;
        var second = HostLock.TakeAsync(home, TimeSpan.FromSeconds(30));
        await Task.Delay(100);
        Assert.False(second.IsCompleted);
        first.Dispose();
        using var taken = await second;
        Assert.NotNull(taken);
    }

    [Fact]
    public void A_lock_that_was_removed_or_replaced_is_noticed()
    {
        using var directory = new TemporaryDirectory();
        using var held = HostLock.TryTake(directory["lock"])!;
        Assert.True(held.IsInPlace);
        File.Delete(directory["lock"]);
        Assert.False(held.IsInPlace);
        // The name is free, so another takes it: that is why it must be noticed.
        using var other = HostLock.TryTake(directory["lock"]);
        Assert.NotNull(other);
        Assert.False(held.IsInPlace);
        Assert.True(other.IsInPlace);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_no_lock_that_another_has()
    {
        using var directory = new TemporaryDirectory();
        Assert.Throws<HostOptionsException>(() => HostLock.TryTake(directory["none/lock"]));
        Directory.CreateDirectory(directory["lock"]);
        Assert.Throws<HostOptionsException>(() => HostLock.TryTake(directory["lock"]));
    }

    private static async Task<string> ReadAsync(string path)
    {
        using var cat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", [path]) { RedirectStandardOutput = true })!;
        return await cat.StandardOutput.ReadToEndAsync();
    }
}
