using Lima.Drivers.Images;

namespace Lima.Drivers.Tests.Images;

/// <summary>Lima's rules for what is in the cache already.</summary>
public sealed class CacheHitTests : IAsyncLifetime
{
    private const string Time = "Tue, 01 Jul 2025 10:00:00 GMT";
    private readonly StoreFixture _fixture = new();
    private readonly FileServer _server = new();
    private readonly byte[] _content = StoreFixture.Noise(5000);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _fixture.Dispose();
    }

    [Fact]
    public async Task An_entry_that_Lima_made_is_used_without_network()
    {
        const string Url = "https://no-such-host.invalid/a.img";
        LimaEntry(Url, _content, StoreFixture.Sha256(_content));
        Assert.Equal(_content, await File.ReadAllBytesAsync(await GetAsync(Url, StoreFixture.Sha256(_content))));
    }

    [Fact]
    public async Task A_recorded_digest_that_differs_is_an_error_and_nothing_is_fetched()
    {
        _server.Files["/a.img"] = new ServedFile(_content);
        LimaEntry(_server.Url("/a.img"), _content, StoreFixture.Sha256([1]));
        var error = await Assert.ThrowsAsync<DriverException>(() => GetAsync(_server.Url("/a.img"), StoreFixture.Sha256(_content)));
        Assert.Equal($"`{_server.Url("/a.img")}`: expected digest `{StoreFixture.Sha256(_content)}`, got `{StoreFixture.Sha256([1])}`", error.Message);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Without_a_digest_the_server_is_asked_and_an_unchanged_file_is_used()
    {
        _server.Files["/a.img"] = new ServedFile(StoreFixture.Noise(10));
        LimaEntry(_server.Url("/a.img"), _content);
        Assert.Equal(_content, await File.ReadAllBytesAsync(await GetAsync(_server.Url("/a.img"), "")));
        Assert.Equal("HEAD", Assert.Single(_server.Requests).Method);
    }

    [Fact]
    public async Task A_changed_file_is_fetched_again_and_the_old_version_keeps_its_name()
    {
        var newer = StoreFixture.Noise(6000, 2);
        _server.Files["/a.img"] = new ServedFile(_content);
        var old = await GetAsync(_server.Url("/a.img"), "");
        _server.Files["/a.img"] = new ServedFile(newer) { LastModified = "Wed, 02 Jul 2025 10:00:00 GMT", ETag = "\"v2\"" };

        var now = await GetAsync(_server.Url("/a.img"), "");

        Assert.Equal(newer, await File.ReadAllBytesAsync(now));
        Assert.NotEqual(old, now);
        Assert.Equal(_content, await File.ReadAllBytesAsync(old));
    }

    [Fact]
    public async Task Without_an_answer_the_cached_file_is_used()
    {
        const string Url = "http://no-such-host.invalid/a.img";
        LimaEntry(Url, _content);
        Assert.Equal(_content, await File.ReadAllBytesAsync(await GetAsync(Url, "")));
    }

    [Fact]
    public async Task A_server_error_on_asking_leaves_the_cached_file_in_use()
    {
        _server.Files["/a.img"] = new ServedFile([]);
        _server.Files["/a.img"].FailWith.Enqueue("500 Oops");
        LimaEntry(_server.Url("/a.img"), _content);
        Assert.Equal(_content, await File.ReadAllBytesAsync(await GetAsync(_server.Url("/a.img"), "")));
    }

    [Fact]
    public async Task A_cached_file_without_recorded_digest_is_hashed_once()
    {
        const string Url = "http://no-such-host.invalid/a.img";
        LimaEntry(Url, _content);
        await GetAsync(Url, StoreFixture.Sha256(_content));
        Assert.Equal(StoreFixture.Sha256(_content), await File.ReadAllTextAsync(Path.Combine(_fixture.EntryOf(Url), "sha256.digest")));

        var error = await Assert.ThrowsAsync<DriverException>(() => GetAsync(Url, StoreFixture.Sha256([1])));
        Assert.Equal("image-digest-mismatch", error.Cause.Code);
    }

    [Fact]
    public async Task A_plain_image_takes_no_second_space()
    {
        _server.Files["/a.img"] = new ServedFile(StoreFixture.Noise(1 << 20));
        await GetAsync(_server.Url("/a.img"), "");
        Assert.InRange(_fixture.Store().List().Single().Bytes, 1 << 20, (1 << 20) + (100 << 10));
    }

    private void LimaEntry(string url, byte[] content, string digest = "")
    {
        var entry = Directory.CreateDirectory(_fixture.EntryOf(url)).FullName;
        File.WriteAllBytes(Path.Combine(entry, "data"), content);
        File.WriteAllText(Path.Combine(entry, "url"), url);
        File.WriteAllText(Path.Combine(entry, "time"), Time);
        File.WriteAllText(Path.Combine(entry, "type"), "application/octet-stream");
        if (digest.Length > 0) File.WriteAllText(Path.Combine(entry, "sha256.digest"), digest);
    }

    private Task<string> GetAsync(string url, string digest) =>
        _fixture.Downloads().GetAsync(url, ImageDigest.Parse(digest), FilePurpose.Disk, _fixture, CancellationToken.None);
}
