using Lima.Drivers.Instances;
using Lima.Testing;

namespace Lima.Drivers.Tests.Instances;

public sealed class HomeStampTests : IDisposable
{
    private static readonly DateTime Then = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
    private readonly TemporaryDirectory _directory = new();
    private readonly HomeStamp _stamp;

    public HomeStampTests() => _stamp = new HomeStamp(new LimaHome(_directory.Path), new At(Then));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_changed_long_ago_is_read_once()
    {
        Directory.SetLastWriteTimeUtc(_directory.Path, Then.AddMinutes(-1));
        Assert.True(_stamp.HasChanged(out var look));
        _stamp.Saw(look);
        Assert.False(_stamp.HasChanged(out _));
        Directory.SetLastWriteTimeUtc(_directory.Path, Then.AddMinutes(-2));
        Assert.True(_stamp.HasChanged(out _));
    }

    [Fact]
    public void What_changed_a_moment_ago_is_read_again()
    {
        Directory.SetLastWriteTimeUtc(_directory.Path, Then.AddMilliseconds(-500));
        Assert.True(_stamp.HasChanged(out var look));
        _stamp.Saw(look);
        Assert.True(_stamp.HasChanged(out _));
    }

    [Fact]
    public void A_change_during_the_reading_is_not_taken_for_read()
    {
        Directory.SetLastWriteTimeUtc(_directory.Path, Then.AddMinutes(-2));
        Assert.True(_stamp.HasChanged(out var look));
        Directory.SetLastWriteTimeUtc(_directory.Path, Then.AddMinutes(-1));
        _stamp.Saw(look);
        Assert.True(_stamp.HasChanged(out _));
    }

    [Fact]
    public void A_stamp_of_the_future_is_read_once()
    {
        Directory.SetLastWriteTimeUtc(_directory.Path, Then.AddDays(1));
        Assert.True(_stamp.HasChanged(out var look));
        _stamp.Saw(look);
        Assert.False(_stamp.HasChanged(out _));
    }

    private sealed class At(DateTime now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
