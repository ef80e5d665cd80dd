using Lima.Drivers.Images;

namespace Lima.Drivers.Tests.Images;

public sealed class ImagePruneTests : IDisposable
{
    private const string A = "https://example.com/a.img", B = "https://example.com/b.img", C = "https://example.com/c.img";
    private readonly StoreFixture _fixture = new();
    private readonly ImagePrune _prune;

    public ImagePruneTests()
    {
        _prune = new ImagePrune(_fixture.Options);
        foreach (var url in new[] { A, B, C })
        {
            Directory.CreateDirectory(_fixture.EntryOf(url));
            File.WriteAllText(Path.Combine(_fixture.EntryOf(url), "url"), url);
            File.WriteAllBytes(Path.Combine(_fixture.EntryOf(url), "data"), new byte[5000]);
        }
    }

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Removes_all_but_what_disks_lie_on()
    {
        var result = _prune.Run([Path.Combine(_fixture.EntryOf(B), "data"), "/elsewhere/disk"], new HashSet<string>());
        Assert.Equal([A, C], result.Removed.Select(i => i.Location).Order());
        Assert.Equal([B], result.InUse.Select(i => i.Location));
        Assert.Equal([B], _fixture.Store().List().Select(i => i.Location));
    }

    [Fact]
    public void Keeps_what_is_referred_to()
    {
        var result = _prune.Run([], new HashSet<string> { C, "https://example.com/never-fetched.img" });
        Assert.Equal([A, B], result.Removed.Select(i => i.Location).Order());
        Assert.Empty(result.InUse);
        Assert.Equal([C], _fixture.Store().List().Select(i => i.Location));
    }

    [Fact]
    public void An_unfinished_download_goes_unless_it_is_referred_to()
    {
        foreach (var url in new[] { A, B }) File.Delete(Path.Combine(_fixture.EntryOf(url), "url"));
        _prune.Run([], new HashSet<string> { B });
        Assert.Equal((false, true), (Directory.Exists(_fixture.EntryOf(A)), Directory.Exists(_fixture.EntryOf(B))));
    }

    [Fact]
    public void What_is_being_made_right_now_is_left_alone()
    {
        using var held = EntryLock.TryAcquire(_fixture.EntryOf(A));
        Assert.NotNull(held);
        Assert.Equal([B, C], _prune.Run([], new HashSet<string>()).Removed.Select(i => i.Location).Order());
        Assert.True(Directory.Exists(_fixture.EntryOf(A)));
    }

    [Fact]
    public void A_built_recipe_is_kept_by_its_name()
    {
        var entry = Directory.CreateDirectory(Path.Combine(_fixture.Options.CacheDirectory, "recipes", "tiny-x86_64-1234")).FullName;
        File.WriteAllText(Path.Combine(entry, "recipe.json"), """{"recipe":"recipe:tiny","arch":"x86_64","built":"2026-01-01T00:00:00Z","seconds":1,"files":"f"}""");
        Directory.CreateDirectory(Path.Combine(entry, "f"));
        Assert.Contains(_fixture.Store().List(), i => i.Location == "recipe:tiny");
        _prune.Run([], new HashSet<string> { "recipe:tiny" });
        Assert.True(Directory.Exists(entry));
        _prune.Run([], new HashSet<string>());
        Assert.False(Directory.Exists(entry));
    }
}
