using System.Globalization;
using System.Runtime.InteropServices;
using Lima.Host.Memory;
using Lima.Testing;

namespace Lima.Host.Tests.Memory;

/// <summary>Pages leave memory, contents never do.</summary>
public sealed partial class MappedFilesTests : IDisposable
{
    private const int Readable = 1;
    private const int Writable = 2;
    private const int Private = 2;

    private static readonly int PageBytes = Environment.SystemPageSize;
    private static readonly int Bytes = 8 * PageBytes;

    private readonly TemporaryDirectory _directory = new();
    private readonly nint _view;

    /// <summary>Maps a file whose byte at the start of each page is the page's number, and touches all of it.</summary>
    public MappedFilesTests()
    {
        var content = new byte[Bytes];
        for (var page = 0; page < 8; page++) content[page * PageBytes] = (byte)(page + 1);
        var path = _directory["mapped"];
        File.WriteAllBytes(path, content);
        using var file = File.OpenHandle(path);
        _view = mmap(0, (nuint)Bytes, Readable | Writable, Private, (int)file.DangerousGetHandle(), 0);
        Assert.NotEqual(-1, _view);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], FirstBytes());
    }

    public void Dispose()
    {
        _ = munmap(_view, (nuint)Bytes);
        _directory.Dispose();
    }

    [Fact]
    public void Pages_of_the_file_are_released_and_read_back()
    {
        Protect(Readable);
        Assert.Equal(Bytes / 1024, ResidentKib());

        MappedFiles.Release(MappedFiles.Read());

        Assert.Equal(0, ResidentKib());
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], FirstBytes());
    }

    [Fact]
    public void A_page_that_was_written_stays()
    {
        Marshal.WriteByte(_view + (2 * PageBytes), 99);
        Protect(Readable);

        MappedFiles.Release(MappedFiles.Read());

        Assert.Equal(PageBytes / 1024, ResidentKib());
        Assert.Equal([1, 2, 99, 4, 5, 6, 7, 8], FirstBytes());
    }

    [Fact]
    public void What_can_be_written_is_left_alone()
    {
        MappedFiles.Release(MappedFiles.Read());

        Assert.Equal(Bytes / 1024, ResidentKib());
    }

    [Fact]
    public void What_was_not_there_at_the_earlier_look_is_left_alone()
    {
        var earlier = MappedFiles.Read();
        Protect(Readable);

        MappedFiles.Release(earlier);

        Assert.Equal(Bytes / 1024, ResidentKib());
    }

    private byte[] FirstBytes() => [.. Enumerable.Range(0, 8).Select(page => Marshal.ReadByte(_view + (page * PageBytes)))];

    private void Protect(int rights) => Assert.Equal(0, mprotect(_view, (nuint)Bytes, rights));

    private int ResidentKib()
    {
        var lines = File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.StartsWith($"{_view:x}-", StringComparison.Ordinal));
        return int.Parse(lines.First(line => line.StartsWith("Rss:", StringComparison.Ordinal))[4..^2], CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int rights, int flags, int descriptor, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint address, nuint length, int rights);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);
}
