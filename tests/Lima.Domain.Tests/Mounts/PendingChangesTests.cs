using Lima.Domain.Mounts;

namespace Lima.Domain.Tests.Mounts;

/// <summary>What waits for the guest: each path once, in order, and never more than allowed.</summary>
public sealed class PendingChangesTests
{
    private static readonly ChangedPath Mount = new("/mnt", "/host");

    [Fact]
    public void Changes_of_one_path_are_one_until_it_was_taken()
    {
        var pending = new PendingChanges(10);
        pending.Add(In("a"), Mount);
        pending.Add(In("b"), Mount);
        pending.Add(In("a"), Mount);
        Assert.Equal(new[] { In("a"), In("b") }, pending.Take(100, _ => 1).AsEnumerable());
        pending.Add(In("a"), Mount);
        Assert.Equal(new[] { In("a") }, pending.Take(100, _ => 1).AsEnumerable());
        Assert.Empty(pending.Take(100, _ => 1));
    }

    [Fact]
    public void A_batch_holds_what_fits_and_at_least_one()
    {
        var pending = new PendingChanges(10);
        foreach (var name in (string[])["aaaa", "bb", "cc", "dd"]) pending.Add(In(name), Mount);
        Assert.Equal(new[] { In("aaaa") }, pending.Take(3, path => path.Length - 5).AsEnumerable());
        Assert.Equal(new[] { In("bb"), In("cc") }, pending.Take(4, path => path.Length - 5).AsEnumerable());
        Assert.Equal(new[] { In("dd") }, pending.Take(4, path => path.Length - 5).AsEnumerable());
    }

    [Fact]
    public void A_storm_becomes_directories_and_then_the_mount()
    {
        var pending = new PendingChanges(100);
        for (var i = 0; i < 10_000; i++) pending.Add(In($"d{i % 5}/{i}"), Mount);
        Assert.Equal(105, pending.Count);
        for (var i = 0; i < 10_000; i++) pending.Add(In($"d{i}/x"), Mount);
        Assert.Equal(151, pending.Count);
        var all = pending.Take(int.MaxValue, _ => 1);
        Assert.Contains(In("d0/0"), all);
        Assert.Contains(In("d4"), all);
        Assert.Contains(Mount, all);
        Assert.Equal(0, pending.Count);
    }

    [Theory]
    [InlineData("/mnt/a/b", "/host/a/b", "/mnt/a", "/host/a")]
    [InlineData("/mnt/a", "/host/a", "/mnt", "/host")]
    [InlineData("/mnt", "/host", "/mnt", "/host")]
    public void A_parent_is_never_above_the_mount(string guest, string host, string parentInGuest, string parentOnHost) =>
        Assert.Equal(new ChangedPath(parentInGuest, parentOnHost), new ChangedPath(guest, host).Parent(Mount));

    private static ChangedPath In(string name) => new($"/mnt/{name}", $"/host/{name}");
}
