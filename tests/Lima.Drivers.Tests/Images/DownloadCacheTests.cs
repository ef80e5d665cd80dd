using System.Security.Cryptography;
using Lima.Drivers.Images;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Images;

public sealed class DownloadCacheTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly StoreFixture _fixture = new();
    private readonly FileServer _server = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _fixture.Dispose();
    }

    [Fact]
    public async Task A_download_has_Limas_layout()
    {
        var content = StoreFixture.Noise(300_000);
        var (url, digest) = (Serve("/a.img", content), StoreFixture.Sha256(content));

        var path = await GetAsync(url, digest);

        var entry = _fixture.EntryOf(url);
        Assert.Equal(content, await File.ReadAllBytesAsync(path));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(entry, "data")));
        Assert.Equal(url, await File.ReadAllTextAsync(Path.Combine(entry, "url")));
        Assert.Equal("Tue, 01 Jul 2025 10:00:00 GMT", await File.ReadAllTextAsync(Path.Combine(entry, "time")));
        Assert.Equal("application/octet-stream", await File.ReadAllTextAsync(Path.Combine(entry, "type")));
        Assert.Equal(digest, await File.ReadAllTextAsync(Path.Combine(entry, "sha256.digest")));
        Assert.Empty(Directory.EnumerateFiles(entry, "data.partial*"));
        Assert.Empty(Directory.EnumerateFiles(entry, ".*"));
    }

    [Fact]
    public async Task A_second_call_with_the_digest_asks_nobody()
    {
        var content = StoreFixture.Noise(1000);
        var url = Serve("/a.img", content);
        await GetAsync(url, StoreFixture.Sha256(content));
        await GetAsync(url, StoreFixture.Sha256(content));
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Ten_callers_of_two_caches_make_one_request()
    {
        var content = StoreFixture.Noise(500_000);
        var url = Serve("/a.img", content);
        var gate = _server.Files["/a.img"].Gate = new TaskCompletionSource();
        DownloadCache[] caches = [_fixture.Downloads(), _fixture.Downloads()];
        var calls = Enumerable.Range(0, 10).Select(i => Task.Run(() => caches[i % 2].GetAsync(
            url, ImageDigest.Parse(StoreFixture.Sha256(content)), FilePurpose.Disk, _fixture, CancellationToken.None))).ToArray();
        await Until(() => !_server.Requests.IsEmpty);
        gate.SetResult();

        var paths = await Task.WhenAll(calls);

        Assert.Single(paths.Distinct());
        Assert.Single(_server.Requests);
        Assert.Equal(content, await File.ReadAllBytesAsync(paths[0]));
    }

    [Fact]
    public async Task A_lock_held_by_another_process_is_waited_for()
    {
        var content = StoreFixture.Noise(1000);
        var url = Serve("/a.img", content);
        var entry = Directory.CreateDirectory(_fixture.EntryOf(url)).FullName;
        using var other = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "flock", [entry, "sh", "-c", "echo locked; read line"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("locked", await other.StandardOutput.ReadLineAsync());
        var call = GetAsync(url, "");
        await Task.Delay(300);
        Assert.False(call.IsCompleted);
        Assert.Empty(_server.Requests);

        other.StandardInput.Close();

        Assert.True(File.Exists(await call));
        await other.WaitForExitAsync();
    }

    [Fact]
    public async Task A_broken_connection_is_resumed_where_it_stopped()
    {
        var content = StoreFixture.Noise(400_000);
        var url = Serve("/a.img", content);
        _server.Files["/a.img"].DropAfter.Enqueue(100_000);
        _server.Files["/a.img"].DropAfter.Enqueue(150_000);

        var path = await GetAsync(url, StoreFixture.Sha256(content));

        Assert.Equal(content, await File.ReadAllBytesAsync(path));
        Assert.Equal(["", "bytes=100000-", "bytes=250000-"], _server.Requests.Select(request => request.Range));
        Assert.All(_server.Requests.Skip(1), request => Assert.Equal("\"v1\"", request.IfRange));
        Assert.Contains(_fixture.Progress, report => report.Detail.Contains("attempt 2 of 5", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_begun_anew()
    {
        var (old, content) = (StoreFixture.Noise(300_000, 1), StoreFixture.Noise(300_000, 2));
        var url = Serve("/a.img", old);
        await AbortAfterSomeBytesAsync(url, 100_000);
        _server.Files["/a.img"] = new ServedFile(content) { ETag = "\"v2\"" };

        var path = await GetAsync(url, StoreFixture.Sha256(content));

        Assert.Equal(content, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task A_server_without_ranges_is_begun_anew()
    {
        var content = StoreFixture.Noise(300_000);
        var url = Serve("/a.img", content);
        _server.Files["/a.img"].HasRanges = false;
        _server.Files["/a.img"].DropAfter.Enqueue(100_000);
        Assert.Equal(content, await File.ReadAllBytesAsync(await GetAsync(url, StoreFixture.Sha256(content))));
    }

    [Fact]
    public async Task A_cancelled_download_goes_on_in_the_next_process()
    {
        var content = StoreFixture.Noise(300_000);
        var url = Serve("/a.img", content);
        await AbortAfterSomeBytesAsync(url, 120_000);
        Assert.Equal(120_000, new FileInfo(Path.Combine(_fixture.EntryOf(url), "data.partial")).Length);
        Assert.False(File.Exists(Path.Combine(_fixture.EntryOf(url), "data")));
        _server.Requests.Clear();

        var path = await _fixture.Downloads().GetAsync(
            url, ImageDigest.Parse(StoreFixture.Sha256(content)), FilePurpose.Disk, _fixture, CancellationToken.None);

        Assert.Equal("bytes=120000-", Assert.Single(_server.Requests).Range);
        Assert.Equal(content, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task A_damaged_partial_file_costs_a_second_download_not_a_failure()
    {
        var content = StoreFixture.Noise(300_000);
        var url = Serve("/a.img", content);
        await AbortAfterSomeBytesAsync(url, 120_000);
        var partial = Path.Combine(_fixture.EntryOf(url), "data.partial");
        await File.WriteAllBytesAsync(partial, StoreFixture.Noise(120_000, 9));

        var path = await GetAsync(url, StoreFixture.Sha256(content));

        Assert.Equal(content, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task An_old_partial_file_is_not_used()
    {
        var content = StoreFixture.Noise(300_000);
        var url = Serve("/a.img", content);
        await AbortAfterSomeBytesAsync(url, 120_000);
        File.SetLastWriteTimeUtc(Path.Combine(_fixture.EntryOf(url), "data.partial"), DateTime.UtcNow.AddDays(-8));
        _server.Requests.Clear();

        await _fixture.Downloads().GetAsync(url, null, FilePurpose.Disk, _fixture, CancellationToken.None);

        Assert.Equal("", Assert.Single(_server.Requests).Range);
    }

    [Fact]
    public async Task The_first_download_of_a_store_sweeps_old_leftovers_of_all_entries()
    {
        var other = Directory.CreateDirectory(_fixture.EntryOf("https://example.invalid/gone.img")).FullName;
        foreach (var name in new[] { "data.partial", "data.tmp.123.1" })
        {
            await File.WriteAllTextAsync(Path.Combine(other, name), "x");
            File.SetLastWriteTimeUtc(Path.Combine(other, name), DateTime.UtcNow.AddDays(-8));
        }

        await File.WriteAllTextAsync(Path.Combine(other, "data.tmp.124.1"), "x");
        await GetAsync(Serve("/a.img", StoreFixture.Noise(10)), "");

        Assert.Equal(["data.tmp.124.1"], Directory.EnumerateFiles(other).Select(path => Path.GetFileName(path)));
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task A_wrong_digest_never_enters_the_cache(string algorithm)
    {
        var url = Serve("/a.img", StoreFixture.Noise(1000));
        var wrong = $"{algorithm}:{new string('0', algorithm == "sha256" ? 64 : 128)}";

        var error = await Assert.ThrowsAsync<DriverException>(() => GetAsync(url, wrong));

        Assert.Equal("image-digest-mismatch", error.Cause.Code);
        Assert.Contains($"expected digest `{wrong}`, got `{algorithm}:", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.EntryOf(url)));
    }

    [Fact]
    public async Task A_right_sha512_digest_is_accepted_across_a_resumption()
    {
        var content = StoreFixture.Noise(300_000);
        var url = Serve("/a.img", content);
        await AbortAfterSomeBytesAsync(url, 120_000);
        var path = await GetAsync(url, $"sha512:{Convert.ToHexStringLower(SHA512.HashData(content))}");
        Assert.Equal(content, await File.ReadAllBytesAsync(path));
    }

    [Theory]
    [InlineData("md5:abc", "unsupported digest algorithm `md5`")]
    [InlineData("sha256:abc", "does not have 64 hexadecimal digits")]
    [InlineData("abc", "does not have the form")]
    public void A_malformed_digest_is_refused(string text, string expected)
    {
        var error = Assert.Throws<DriverException>(() => ImageDigest.Parse(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_not_asked_for_twice()
    {
        var error = await Assert.ThrowsAsync<DriverException>(() => GetAsync(_server.Url("/none"), ""));
        Assert.Equal("image-download-refused", error.Cause.Code);
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_troubled_server_is_asked_again_with_growing_pauses()
    {
        var url = Serve("/a.img", StoreFixture.Noise(1000));
        for (var i = 0; i < 3; i++) _server.Files["/a.img"].FailWith.Enqueue("503 Service Unavailable");
        _fixture.Options = _fixture.Options with { FirstBackOff = TimeSpan.FromSeconds(4), LongestBackOff = TimeSpan.FromSeconds(10) };
        var time = new ImpatientTime();

        await _fixture.Downloads(time).GetAsync(url, null, FilePurpose.Disk, _fixture, CancellationToken.None);

        Assert.Equal([4.0, 8, 10], time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task A_server_that_stays_troubled_is_given_up()
    {
        var url = Serve("/a.img", StoreFixture.Noise(1000));
        for (var i = 0; i < 20; i++) _server.Files["/a.img"].FailWith.Enqueue("500 Oops");
        var error = await Assert.ThrowsAsync<DriverException>(() => GetAsync(url, ""));
        Assert.Contains("500 Oops", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, _server.Requests.Count);
    }

    [Fact]
    public async Task A_transfer_that_stands_still_is_broken_off_and_resumed()
    {
        var content = StoreFixture.Noise(300_000);
        var url = Serve("/a.img", content);
        _server.Files["/a.img"].DropAfter.Enqueue(100_000);
        _server.Files["/a.img"].StallInsteadOfDrop = true;
        _fixture.Options = _fixture.Options with { IdleLimit = TimeSpan.FromMilliseconds(300) };
        Assert.Equal(content, await File.ReadAllBytesAsync(await GetAsync(url, StoreFixture.Sha256(content))));
        Assert.Equal("bytes=100000-", _server.Requests.Last().Range);
    }

    [Fact]
    public async Task Redirects_are_followed()
    {
        var content = StoreFixture.Noise(1000);
        Serve("/real", content);
        _server.Files["/a.img"] = new ServedFile([]) { RedirectTo = _server.Url("/real") };
        Assert.Equal(content, await File.ReadAllBytesAsync(await GetAsync(_server.Url("/a.img"), StoreFixture.Sha256(content))));
    }

    [Fact]
    public async Task An_unknown_host_fails_at_once_with_one_attempt()
    {
        var error = await Assert.ThrowsAsync<DriverException>(() => GetAsync("http://no-such-host.invalid/a.img", ""));
        Assert.Equal("image-no-network", error.Cause.Code);
        Assert.StartsWith("no network: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_fixture.Progress, report => report.Detail.Contains("attempt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_cannot_fit_is_refused_before_the_disk_fills()
    {
        var url = Serve("/a.img", StoreFixture.Noise(1000));
        _server.Files["/a.img"].AnnouncedLength = 1L << 50;
        var error = await Assert.ThrowsAsync<DriverException>(() => GetAsync(url, ""));
        Assert.Equal("image-no-space", error.Cause.Code);
        Assert.Contains("1048576.0 GiB more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_fills_up_while_decompressing_is_said_so()
    {
        using var input = new MemoryStream(StoreFixture.Noise(300_000));
        var error = await Assert.ThrowsAsync<DriverException>(() => SparseFile.WriteAsync(input, "/dev/full", CancellationToken.None));
        Assert.Equal("image-no-space", error.Cause.Code);
    }

    [Fact]
    public async Task A_disk_that_fills_up_while_downloading_is_said_so()
    {
        var mount = Directory.CreateDirectory(_fixture.Options.CacheDirectory).FullName;
        if (Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount) != 0)
        {
            output.WriteLine("SKIP: a small file system cannot be mounted here");
            return;
        }

        try
        {
            var url = Serve("/a.img", StoreFixture.Noise(1_000_000));
            _server.Files["/a.img"].AnnouncesLength = false;
            var error = await Assert.ThrowsAsync<DriverException>(() => GetAsync(url, ""));
            Assert.Equal("image-no-space", error.Cause.Code);
            Assert.Contains("is full", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Run("umount", mount);
        }
    }

    [Fact]
    public async Task Progress_has_bytes_and_comes_seldom()
    {
        var url = Serve("/a.img", StoreFixture.Noise(2_000_000));
        _server.Files["/a.img"].ChunkBytes = 4096;
        await GetAsync(url, "");
        var reports = _fixture.Progress.Where(report => report.Step == "downloading the image").ToList();
        Assert.InRange(reports.Count, 1, 100);
        Assert.Equal(2_000_000, reports[^1].Done);
        Assert.Equal(2_000_000, reports[^1].Total);
    }

    private async Task AbortAfterSomeBytesAsync(string url, int bytes)
    {
        using var cancel = new CancellationTokenSource();
        var file = _server.Files[new Uri(url).AbsolutePath];
        file.DropAfter.Enqueue(bytes);
        file.StallInsteadOfDrop = true;
        var partial = new FileInfo(Path.Combine(_fixture.EntryOf(url), "data.partial"));
        var call = _fixture.Downloads().GetAsync(url, null, FilePurpose.Disk, _fixture, cancel.Token);
        await Until(() =>
        {
            partial.Refresh();
            return partial.Exists && partial.Length == bytes;
        });
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private string Serve(string path, byte[] content)
    {
        _server.Files[path] = new ServedFile(content);
        return _server.Url(path);
    }

    private Task<string> GetAsync(string url, string digest) =>
        _fixture.Downloads().GetAsync(url, ImageDigest.Parse(digest), FilePurpose.Disk, _fixture, CancellationToken.None);

    private static int Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    internal static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 3000 && !condition(); i++) await Task.Delay(10);
        Assert.True(condition());
    }
}
