using System.Diagnostics;
using System.IO.Compression;
using Lima.Domain.Specs;
using Lima.Drivers.Images;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Images;

public sealed class DecompressionTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly StoreFixture _fixture = new();
    private readonly FileServer _server = new();
    private readonly byte[] _content = [.. StoreFixture.Noise(100_000), .. new byte[3_000_000], .. StoreFixture.Noise(70_001, 2)];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData("gzip", ".gz")]
    [InlineData("bzip2", ".bz2")]
    [InlineData("xz", ".xz")]
    [InlineData("zstd", ".zst")]
    [InlineData("gzip", "")]
    [InlineData("xz", "")]
    public async Task A_compressed_image_is_decompressed_once_beside_the_download(string tool, string extension)
    {
        if (!Need.Programs(output, tool)) return;
        var compressed = await CompressAsync(tool);
        var url = Serve($"/disk.img{extension}", compressed);
        var store = _fixture.Store();
        ImageSource[] images = [new(url, "x86_64", StoreFixture.Sha256(compressed))];

        var image = await store.EnsureAsync(images, "x86_64", _fixture, CancellationToken.None);
        var written = File.GetLastWriteTimeUtc(image.Disk);
        var again = await store.EnsureAsync(images, "x86_64", _fixture, CancellationToken.None);

        Assert.Equal(_content, await File.ReadAllBytesAsync(image.Disk));
        Assert.Equal(compressed, await File.ReadAllBytesAsync(Path.Combine(_fixture.EntryOf(url), "data")));
        Assert.StartsWith(Path.Combine(_fixture.EntryOf(url), "image"), image.Disk, StringComparison.Ordinal);
        Assert.Equal(image, again);
        Assert.Equal(written, File.GetLastWriteTimeUtc(again.Disk));
        Assert.False(image.InPlace);
        Assert.Single(_server.Requests);
        Assert.Contains(_fixture.Progress, report => report.Step == "decompressing the image" && report.Done == compressed.Length);
    }

    [Fact]
    public async Task Zeros_become_holes()
    {
        var url = Serve("/disk.img.gz", Gzip(_content));
        await _fixture.Store().EnsureAsync([new ImageSource(url, "x86_64")], "x86_64", _fixture, CancellationToken.None);
        Assert.InRange(_fixture.Store().List().Single().Bytes, 300_000, 900_000);
    }

    [Fact]
    public async Task A_kernel_is_decompressed_and_an_initrd_is_not()
    {
        var (kernel, initrd) = (StoreFixture.Noise(5000, 3), Gzip(StoreFixture.Noise(6000, 4)));
        var source = new ImageSource(Serve("/disk", _content), "x86_64", "",
            new KernelSource(Serve("/vmlinuz", Gzip(kernel)), "", "console=ttyS0"), new FileSource(Serve("/initrd.gz", initrd)));

        var image = await _fixture.Store().EnsureAsync([source], "x86_64", _fixture, CancellationToken.None);

        Assert.Equal(kernel, await File.ReadAllBytesAsync(image.Kernel!));
        Assert.Equal(initrd, await File.ReadAllBytesAsync(image.Initrd!));
        Assert.Equal("console=ttyS0", image.Cmdline);
    }

    [Theory]
    [InlineData("gzip", ".gz")]
    [InlineData("xz", ".xz")]
    [InlineData("zstd", ".zst")]
    public async Task A_file_cut_short_is_called_damaged(string tool, string extension)
    {
        if (!Need.Programs(output, tool)) return;
        var compressed = await CompressAsync(tool);
        var url = Serve($"/disk{extension}", compressed[..(compressed.Length / 2)]);
        var error = await Assert.ThrowsAsync<DriverException>(() =>
            _fixture.Store().EnsureAsync([new ImageSource(url, "x86_64")], "x86_64", _fixture, CancellationToken.None));
        Assert.Equal("image-corrupt", error.Cause.Code);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_fixture.EntryOf(url), "image"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Gzip_of_any_length_cut_anywhere_is_noticed_and_joined_members_are_not()
    {
        var members = Gzip(StoreFixture.Noise(8150)).Concat(Gzip(_content)).ToArray();
        await GunzipAsync(members);
        byte[] joined = [.. StoreFixture.Noise(8150), .. _content];
        Assert.Equal(joined, await File.ReadAllBytesAsync(_fixture["out"]));
        for (var bytes = 8150; bytes < 8200; bytes++)
        {
            var whole = Gzip(StoreFixture.Noise(bytes));
            await GunzipAsync(whole);
            Assert.Equal(StoreFixture.Noise(bytes), await File.ReadAllBytesAsync(_fixture["out"]));
            foreach (var missing in new[] { 1, 4, 8, 9, 46, 55, 100 })
            {
                await Assert.ThrowsAsync<DriverException>(() => GunzipAsync(whole[..^missing]));
            }
        }
    }

    [Fact]
    public async Task A_name_that_lies_is_an_error()
    {
        var url = Serve("/disk.xz", StoreFixture.Noise(1000));
        var error = await Assert.ThrowsAsync<DriverException>(() =>
            _fixture.Store().EnsureAsync([new ImageSource(url, "x86_64")], "x86_64", _fixture, CancellationToken.None));
        Assert.Contains("its name says Xz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_local_file_is_used_in_place()
    {
        var path = _fixture["my disk.img"];
        await File.WriteAllBytesAsync(path, _content);
        foreach (var location in new[] { path, $"file://{path}", $"file://{path.Replace(" ", "%20", StringComparison.Ordinal)}" })
        {
            var image = await _fixture.Store().EnsureAsync(
                [new ImageSource(location, "x86_64", StoreFixture.Sha256(_content))], "x86_64", _fixture, CancellationToken.None);
            Assert.Equal(path, image.Disk);
            Assert.True(image.InPlace);
        }

        Assert.False(Directory.Exists(_fixture.Options.CacheDirectory));
    }

    [Fact]
    public async Task A_compressed_local_file_is_decompressed_into_the_cache_and_again_when_it_changes()
    {
        var path = _fixture["disk.gz"];
        await File.WriteAllBytesAsync(path, Gzip(_content));
        var store = _fixture.Store();
        var first = await store.EnsureAsync([new ImageSource(path, "x86_64")], "x86_64", _fixture, CancellationToken.None);
        Assert.Equal(_content, await File.ReadAllBytesAsync(first.Disk));
        Assert.False(first.InPlace);
        Assert.Equal(path, store.List().Single().Location);

        await File.WriteAllBytesAsync(path, Gzip([1, 2, 3]));
        var second = await store.EnsureAsync([new ImageSource(path, "x86_64")], "x86_64", _fixture, CancellationToken.None);

        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(second.Disk));
        Assert.Equal(_content, await File.ReadAllBytesAsync(first.Disk));
        Assert.True(store.Remove(path));
        Assert.True(File.Exists(path));
        Assert.Empty(store.List());
    }

    [Fact]
    public async Task A_local_file_with_another_digest_or_none_there_is_refused()
    {
        var path = _fixture["disk.img"];
        await File.WriteAllBytesAsync(path, _content);
        var wrong = await Assert.ThrowsAsync<DriverException>(() => _fixture.Store().EnsureAsync(
            [new ImageSource(path, "x86_64", StoreFixture.Sha256([1]))], "x86_64", _fixture, CancellationToken.None));
        var missing = await Assert.ThrowsAsync<DriverException>(() => _fixture.Store().EnsureAsync(
            [new ImageSource(path + "x", "x86_64")], "x86_64", _fixture, CancellationToken.None));
        Assert.Equal("image-digest-mismatch", wrong.Cause.Code);
        Assert.Equal("image-missing", missing.Cause.Code);
    }

    private async Task GunzipAsync(byte[] content)
    {
        using var input = new MemoryStream(content);
        await Gunzip.RunAsync("x.gz", input, _fixture["out"], CancellationToken.None);
    }

    private static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest)) gzip.Write(content);
        return memory.ToArray();
    }

    private async Task<byte[]> CompressAsync(string tool)
    {
        var plain = _fixture["plain"];
        await File.WriteAllBytesAsync(plain, _content);
        using var process = Process.Start(new ProcessStartInfo(tool, ["-k", plain, "-c"]) { RedirectStandardOutput = true })!;
        using var memory = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(memory);
        await process.WaitForExitAsync();
        return memory.ToArray();
    }

    private string Serve(string path, byte[] content)
    {
        _server.Files[path] = new ServedFile(content);
        return _server.Url(path);
    }
}
