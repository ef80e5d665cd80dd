using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lima.Drivers.Images;

/// <summary>What is known about an unfinished download, so that it can go on where it stopped.</summary>
/// <param name="ETag">The server's strong entity tag, or empty.</param>
/// <param name="LastModified">The server's Last-Modified text, or empty.</param>
/// <param name="Total">Bytes of the whole file; null when the server did not say.</param>
/// <param name="ContentType">Content-Type, or empty.</param>
internal sealed record PartialInfo(string ETag, string LastModified, long? Total, string ContentType)
{
    /// <summary>What to send as If-Range; empty when the server gave nothing to tell one version from another by.</summary>
    [JsonIgnore]
    internal string Validator => ETag.Length > 0 && !ETag.StartsWith("W/", StringComparison.Ordinal) ? ETag : LastModified;
}

/// <summary>Source-generated JSON of this folder's own small files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PartialInfo))]
[JsonSerializable(typeof(RecipeInfo))]
internal sealed partial class ImageJson : JsonSerializerContext;

/// <summary>An unfinished download on the disk, hashed as it grows. Used only under the entry's lock.</summary>
internal sealed class PartialFile : IAsyncDisposable
{
    private readonly string _entry;
    private readonly FileStream _file;
    private readonly IncrementalHash? _hash;
    private long _hashed;

    private PartialFile(string entry, FileStream file, PartialInfo? info, IncrementalHash? hash) =>
        (_entry, _file, Info, _hash) = (entry, file, info, hash);

    /// <summary>What the server said about the file; null before the first answer.</summary>
    internal PartialInfo? Info { get; private set; }

    /// <summary>Bytes on the disk.</summary>
    internal long Length => _file.Length;

    /// <summary>Whether every byte is there, as far as the server said how many there are.</summary>
    internal bool IsComplete => Info?.Total is { } total && total > 0 && total == Length;

    /// <summary>Opens what an earlier attempt left, or begins anew when that is too old or cannot be continued.</summary>
    internal static PartialFile Open(string entry, ImageDigest? expected, TimeSpan life, TimeProvider time)
    {
        var (path, infoPath) = (EntryFiles.Partial(entry), EntryFiles.PartialInfo(entry));
        var info = ReadInfo(infoPath);
        if (info is null || info.Validator.Length == 0 || IsStale(path, life, time))
        {
            Delete(entry);
            info = null;
        }

        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 0);
        return new PartialFile(entry, file, info, expected?.NewHash());
    }

    /// <summary>Whether an unfinished download is too old to be of use; false when there is none.</summary>
    internal static bool IsStale(string path, TimeSpan life, TimeProvider time) =>
        File.Exists(path) && time.GetUtcNow() - File.GetLastWriteTimeUtc(path) > life;

    /// <summary>Removes an unfinished download.</summary>
    internal static void Delete(string entry)
    {
        File.Delete(EntryFiles.PartialInfo(entry));
        File.Delete(EntryFiles.Partial(entry));
    }

    /// <summary>What is on the disk about an unfinished download; null when there is none.</summary>
    internal static PartialInfo? ReadInfo(string path)
    {
        try
        {
            return EntryFiles.Read(path) is { Length: > 0 } text ? JsonSerializer.Deserialize(text, ImageJson.Default.PartialInfo) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Begins anew with what the server says now.</summary>
    internal async Task RestartAsync(PartialInfo? info, CancellationToken cancel)
    {
        // In this order: no crash may leave the new description beside old bytes.
        File.Delete(EntryFiles.PartialInfo(_entry));
        _file.SetLength(0);
        _ = _hash?.GetHashAndReset();
        _hashed = 0;
        Info = info;
        if (info is null) return;
        await EntryFiles.WriteAsync(
            EntryFiles.PartialInfo(_entry), JsonSerializer.Serialize(info, ImageJson.Default.PartialInfo), cancel);
    }

    /// <summary>Adds bytes at the end.</summary>
    internal async Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        await CatchUpAsync(cancel);
        _file.Position = _file.Length;
        // A half-written block would only be written again, so a cancellation waits for this one.
        await _file.WriteAsync(bytes, CancellationToken.None);
        _hash?.AppendData(bytes.Span);
        _hashed += bytes.Length;
    }

    /// <summary>Makes all of it durable and gives its digest, or an empty text when none is expected.</summary>
    internal async Task<string> SealAsync(ImageDigest? expected, CancellationToken cancel)
    {
        await CatchUpAsync(cancel);
        _file.Flush(flushToDisk: true);
        return expected is null || _hash is null ? "" : expected.TextOf(_hash);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _hash?.Dispose();
    }

    /// <summary>Hashes what an earlier process left; that may take a while, during which no server should wait.</summary>
    internal async Task CatchUpAsync(CancellationToken cancel)
    {
        if (_hash is null || _hashed >= _file.Length) return;
        var buffer = new byte[1 << 18];
        _file.Position = _hashed;
        for (int read; (read = await _file.ReadAsync(buffer, cancel)) > 0;)
        {
            _hash.AppendData(buffer, 0, read);
            _hashed += read;
        }
    }
}
