using Lima.Domain.Specs;
using Lima.Drivers.Images;

namespace Lima.Drivers.Tests.Images;

public sealed class ImageStoreTests : IAsyncLifetime
{
    private const string Offline = "http://no-such-host.invalid";
    private readonly StoreFixture _fixture = new();
    private readonly FileServer _server = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Without_network_the_recipe_is_built_and_the_user_is_told_why()
    {
        _fixture.Recipe("tiny", "echo built > \"$OUT/disk.qcow2\"");
        var image = await EnsureAsync(
            new ImageSource($"{Offline}/a.img", "x86_64"), new ImageSource($"{Offline}/b.img", "x86_64"), new ImageSource("recipe:tiny", "x86_64"));

        Assert.Equal("built\n", await File.ReadAllTextAsync(image.Disk));
        Assert.Equal("recipe:tiny", image.Location);
        var said = Assert.Single(_fixture.Progress, report => report.Step == "choosing the image");
        Assert.Equal(
            $"no network: the host `no-such-host.invalid` is not known (`{Offline}/a.img`); building recipe:tiny from packages instead", said.Detail);
    }

    [Fact]
    public async Task Without_network_an_older_image_that_is_in_the_cache_is_used()
    {
        var url = $"{Offline}/older.img";
        var entry = Directory.CreateDirectory(_fixture.EntryOf(url)).FullName;
        await File.WriteAllBytesAsync(Path.Combine(entry, "data"), [1, 2, 3]);
        await File.WriteAllTextAsync(Path.Combine(entry, "sha256.digest"), StoreFixture.Sha256([1, 2, 3]));
        var image = await EnsureAsync(
            new ImageSource($"{Offline}/newer.img", "x86_64"), new ImageSource(url, "x86_64", StoreFixture.Sha256([1, 2, 3])));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(image.Disk));
    }

    [Fact]
    public async Task The_first_usable_image_of_the_architecture_wins()
    {
        _server.Files["/good"] = new ServedFile([1]);
        _server.Files["/other"] = new ServedFile([2]);
        var image = await EnsureAsync(
            new ImageSource(_server.Url("/other"), "aarch64"), new ImageSource(_server.Url("/missing"), "x86_64"),
            new ImageSource(_server.Url("/good"), "x86_64"), new ImageSource(_server.Url("/other"), "x86_64"));
        Assert.Equal(_server.Url("/good"), image.Location);
        Assert.Equal(["/missing", "/good"], _server.Requests.Select(request => request.Path));
    }

    [Fact]
    public async Task A_candidate_whose_kernel_fails_is_passed_over()
    {
        _server.Files["/one"] = new ServedFile([1]);
        _server.Files["/two"] = new ServedFile([2]);
        var image = await EnsureAsync(
            new ImageSource(_server.Url("/one"), "x86_64", "", new KernelSource(_server.Url("/nokernel"))), new ImageSource(_server.Url("/two"), "x86_64"));
        Assert.Equal(_server.Url("/two"), image.Location);
        Assert.Null(image.Kernel);
    }

    [Fact]
    public async Task When_none_is_usable_every_reason_is_given()
    {
        _server.Files["/a"] = new ServedFile([1]);
        var error = await Assert.ThrowsAsync<DriverException>(() => EnsureAsync(
            new ImageSource(_server.Url("/missing"), "x86_64"), new ImageSource(_server.Url("/a"), "x86_64", StoreFixture.Sha256([2])),
            new ImageSource("relative/path.img", "x86_64")));
        Assert.Equal("image-unavailable", error.Cause.Code);
        Assert.Contains("none of the 3 images", error.Message, StringComparison.Ordinal);
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected digest", error.Message, StringComparison.Ordinal);
        Assert.Contains("relative/path.img", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_image_of_the_architecture_names_those_that_there_are()
    {
        var error = await Assert.ThrowsAsync<DriverException>(() => _fixture.Store().EnsureAsync(
            [new ImageSource("/a", "x86_64"), new ImageSource("/b", "aarch64")], "riscv64", _fixture, CancellationToken.None));
        Assert.Equal("image-none-for-arch", error.Cause.Code);
        Assert.Equal("no image is given for the architecture `riscv64`; there are images for `aarch64`, `x86_64`", error.Message);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        await File.WriteAllTextAsync(_fixture["cache"], "a file, no directory");
        _server.Files["/a"] = new ServedFile([1]);
        var error = await Assert.ThrowsAsync<DriverException>(() => EnsureAsync(new ImageSource(_server.Url("/a"), "x86_64")));
        Assert.Equal("image-store-unwritable", error.Cause.Code);
        Assert.Contains(_fixture["cache"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_are_listed_and_removed_by_key_or_location()
    {
        _server.Files["/a"] = new ServedFile(StoreFixture.Noise(10_000));
        _server.Files["/b"] = new ServedFile(StoreFixture.Noise(20_000));
        var store = _fixture.Store();
        await EnsureAsync(new ImageSource(_server.Url("/b"), "x86_64"));
        await EnsureAsync(new ImageSource(_server.Url("/a"), "x86_64", StoreFixture.Sha256(StoreFixture.Noise(10_000))));

        var entries = store.List();

        Assert.Equal([_server.Url("/a"), _server.Url("/b")], entries.Select(entry => entry.Location));
        Assert.Equal([StoreFixture.Sha256(StoreFixture.Noise(10_000)), ""], entries.Select(entry => entry.Digest));
        Assert.True(entries[1].Bytes >= 20_000);
        Assert.True(store.Remove(entries[0].Key));
        Assert.True(store.Remove(_server.Url("/b")));
        Assert.False(store.Remove(_server.Url("/b")));
        Assert.False(store.Remove("../../.."));
        Assert.Empty(store.List());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Options.CacheDirectory, "download", "by-url-sha256")));
    }

    [Fact]
    public async Task An_entry_being_downloaded_is_not_removed()
    {
        var gate = new TaskCompletionSource();
        _server.Files["/a"] = new ServedFile([1]) { Gate = gate };
        var call = EnsureAsync(new ImageSource(_server.Url("/a"), "x86_64"));
        await DownloadCacheTests.Until(() => !_server.Requests.IsEmpty);

        var error = Assert.Throws<DriverException>(() => _fixture.Store().Remove(_server.Url("/a")));
        gate.SetResult();

        Assert.Equal("image-busy", error.Cause.Code);
        Assert.True(File.Exists((await call).Disk));
        Assert.True(_fixture.Store().Remove(_server.Url("/a")));
    }

    [Fact]
    public async Task One_who_waits_for_an_entry_that_is_removed_begins_anew()
    {
        var entry = _fixture["entry"];
        var first = await EntryLock.AcquireAsync(entry, TimeSpan.FromMinutes(1), TimeProvider.System, () => { }, CancellationToken.None);
        var waiting = EntryLock.AcquireAsync(entry, TimeSpan.FromMinutes(1), TimeProvider.System, () => { }, CancellationToken.None);
        Directory.Move(entry, _fixture["aside"]);
        using var second = await waiting;
        Assert.True(Directory.Exists(entry));
        Assert.Null(EntryLock.TryAcquire(entry));
        first.Dispose();
        Assert.Null(EntryLock.TryAcquire(entry));
    }

    [Fact]
    public async Task Waiting_for_an_entry_has_a_limit()
    {
        using var held = await EntryLock.AcquireAsync(_fixture["entry"], TimeSpan.FromMinutes(1), TimeProvider.System, () => { }, CancellationToken.None);
        var error = await Assert.ThrowsAsync<DriverException>(() => EntryLock.AcquireAsync(
            _fixture["entry"], TimeSpan.FromMilliseconds(100), TimeProvider.System, () => { }, CancellationToken.None));
        Assert.Equal("image-busy", error.Cause.Code);
    }

    private Task<LocalImage> EnsureAsync(params ImageSource[] images) =>
        _fixture.Store().EnsureAsync(images, "x86_64", _fixture, CancellationToken.None);

    [Fact]
    public void The_first_image_of_the_architecture_decides_which_kind_is_eligible()
    {
        ImageSource[] images =
        [
            new("/arm", "aarch64") { Variant = "minimal" },
            new("/a", "x86_64") { Variant = "server" },
            new("/b", "x86_64") { Variant = "minimal" },
            new("/c", "x86_64") { Variant = "server", ArchVariant = "v3" },
            new("/d", "x86_64") { Variant = "server" },
        ];
        Assert.Equal(["/a", "/d"], ImageStore.Eligible(images, "x86_64").Select(image => image.Location));
        Assert.Equal(["/arm"], ImageStore.Eligible(images, "aarch64").Select(image => image.Location));
        Assert.Empty(ImageStore.Eligible(images, "riscv64"));
    }
}
