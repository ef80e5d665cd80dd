using Lima.Domain.Mounts;

namespace Lima.Domain.Tests.Mounts;

/// <summary>What the guest knows already is no news.</summary>
public sealed class ToldFilesTests
{
    private static readonly FileMark Mark = new(Modified: 1_700_000_000_123_456_789, Size: 5, Mode: 0x81a4);

    [Fact]
    public void What_was_told_is_no_news_nor_is_its_time_without_the_fraction()
    {
        var told = new ToldFiles(10);
        Assert.True(told.IsNews("/a", Mark));
        told.Tell("/a", Mark);
        Assert.False(told.IsNews("/a", Mark));
        Assert.False(told.IsNews("/a", Mark with { Modified = 1_700_000_000_000_000_000 }));
        Assert.True(told.IsNews("/b", Mark));
    }

    [Fact]
    public void Every_difference_is_news()
    {
        var told = new ToldFiles(10);
        told.Tell("/a", Mark);
        Assert.True(told.IsNews("/a", Mark with { Modified = Mark.Modified + 1 }));
        Assert.True(told.IsNews("/a", Mark with { Modified = Mark.Modified - 1 }));
        Assert.True(told.IsNews("/a", Mark with { Size = 6 }));
        Assert.True(told.IsNews("/a", Mark with { Mode = 0x81ed }));
        Assert.True(told.IsNews("/a", Mark.Rounded with { Size = 6 }));
    }

    [Fact]
    public void What_came_back_is_news()
    {
        var told = new ToldFiles(10);
        told.Tell("/a", Mark);
        told.Forget("/a");
        Assert.True(told.IsNews("/a", Mark));
    }

    [Fact]
    public void Its_memory_is_bounded()
    {
        var told = new ToldFiles(10);
        for (var i = 0; i < 1000; i++)
        {
            told.Tell($"/{i}", Mark);
            Assert.InRange(told.Count, 1, 10);
        }

        Assert.False(told.IsNews("/999", Mark));
    }

    [Theory]
    [InlineData(1_999_999_999, 1)]
    [InlineData(0, 0)]
    [InlineData(-1, -1)]
    [InlineData(-1_000_000_000, -1)]
    [InlineData(-1_000_000_001, -2)]
    public void Seconds_are_rounded_down(long nanoseconds, long seconds)
    {
        var mark = Mark with { Modified = nanoseconds };
        Assert.Equal(seconds, mark.Seconds);
        Assert.Equal(seconds * 1_000_000_000, mark.Rounded.Modified);
    }
}
