using System.Globalization;

namespace Lima.Drivers.Images;

/// <summary>What a downloaded file is for; it decides whether it is decompressed.</summary>
public enum FilePurpose
{
    /// <summary>A disk image: decompressed.</summary>
    Disk,
    /// <summary>A kernel: decompressed.</summary>
    Kernel,
    /// <summary>An initial RAM disk: as it is, the kernel decompresses it.</summary>
    Initrd,
    /// <summary>Anything else: as it is.</summary>
    Archive,
}

/// <summary>
/// Lima's download cache, shared with Lima itself: the same layout, the same lock. One URL is downloaded once however
/// many threads and processes ask for it.
/// </summary>
public sealed class DownloadCache : IDisposable
{
    private readonly ImageStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly HttpDownload _download;
    private int _swept;

    /// <summary>Opens the cache; nothing is created before the first download.</summary>
    public DownloadCache(ImageStoreOptions options, TimeProvider? time = null)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectLimit,
            MaxAutomaticRedirections = 10,
            UseCookies = false,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("lima");
        _download = new HttpDownload(_http, options, _time);
    }

    /// <summary>Brings a URL to this machine, from the cache if it is there and still right.</summary>
    /// <param name="url">An http or https URL.</param>
    /// <param name="expected">The digest it must have; null takes what comes.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="progress">Gets bytes done and in all, about ten times a second.</param>
    /// <param name="cancel">Ends the download; what is there is kept, and continued next time.</param>
    /// <returns>Path of the file; its content never changes under that name (except for <see cref="FilePurpose.Archive"/>).</returns>
    /// <exception cref="DriverException">It could not be had, or is not what was expected.</exception>
    public async Task<string> GetAsync(
        string url, ImageDigest? expected, FilePurpose purpose, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw ImageErrors.BadLocation(url);
        }

        if (Interlocked.Exchange(ref _swept, 1) == 0) CacheSweep.Run(_options, _time);
        var throttled = new ThrottledProgress(progress, _time);
        var entry = Path.Combine(EntryFiles.DownloadRoot(_options.CacheDirectory), EntryFiles.KeyOf(url));
        using var held = await EntryLock.AcquireAsync(
            entry, _options.EntryLimit, _time, () => ReportForeign(entry, url, throttled), cancel);
        if (!await IsUsableAsync(uri, entry, expected, throttled, cancel)) await FetchAsync(uri, entry, expected, throttled, cancel);
        return purpose == FilePurpose.Archive
            ? EntryFiles.Data(entry)
            : await Preparation.RunAsync(url, EntryFiles.Data(entry), entry, purpose, throttled, cancel);
    }

    /// <summary>Whether there is a copy of a URL, new or old.</summary>
    public bool Has(string url) =>
        File.Exists(EntryFiles.Data(Path.Combine(EntryFiles.DownloadRoot(_options.CacheDirectory), EntryFiles.KeyOf(url))));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Lima's rules for a cached file: a recorded digest decides alone, else the server is asked whether it changed.</summary>
    private async Task<bool> IsUsableAsync(
        Uri url, string entry, ImageDigest? expected, ThrottledProgress progress, CancellationToken cancel)
    {
        if (!File.Exists(EntryFiles.Data(entry))) return false;
        var recorded = expected is null ? "" : EntryFiles.Read(EntryFiles.Digest(entry, expected.Algorithm));
        if (recorded.Length > 0) return recorded == expected!.ToString() ? true : throw Mismatch(url, expected, recorded);
        if (!await IsUnchangedAsync(url, entry, cancel)) return false;
        if (expected is null) return true;
        var actual = await expected.OfFileAsync(EntryFiles.Data(entry), progress, cancel);
        if (actual != expected.ToString()) throw Mismatch(url, expected, actual);
        EntryFiles.Write(EntryFiles.Digest(entry, expected.Algorithm), actual);
        return true;
    }

    private async Task<bool> IsUnchangedAsync(Uri url, string entry, CancellationToken cancel)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(_options.RevalidateLimit);
            using var request = new HttpRequestMessage(HttpMethod.Head, url);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!response.IsSuccessStatusCode) return true;
            var (modified, tag) = HttpDownload.Validators(response);
            return IsSameTime(EntryFiles.Read(EntryFiles.Time(entry)), modified) || IsSame(EntryFiles.Read(EntryFiles.ETag(entry)), tag);
        }
        catch (Exception error) when (
            error is HttpRequestException or OperationCanceledException or IOException && !cancel.IsCancellationRequested)
        {
            // Without the server the cached copy is the best there is.
            return true;
        }
    }

    private static bool IsSameTime(string cached, string remote) =>
        IsSame(cached, remote)
        || (DateTimeOffset.TryParseExact(cached, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out var ours)
            && DateTimeOffset.TryParseExact(remote, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out var theirs)
            && ours == theirs);

    private static bool IsSame(string cached, string remote) => cached.Length > 0 && cached == remote;

    private async Task FetchAsync(Uri url, string entry, ImageDigest? expected, ThrottledProgress progress, CancellationToken cancel)
    {
        var info = await _download.RunAsync(url, entry, expected, progress, cancel);
        // A crash between two of these lines leaves an entry that is checked or downloaded again, never one that vouches
        // for other bytes: the old digest goes first, the new one comes last.
        foreach (var digest in Directory.EnumerateFiles(entry, "*.digest")) File.Delete(digest);
        File.Delete(EntryFiles.Time(entry));
        File.Delete(EntryFiles.ETag(entry));
        File.Move(EntryFiles.Partial(entry), EntryFiles.Data(entry), overwrite: true);
        File.Delete(EntryFiles.PartialInfo(entry));
        EntryFiles.Write(EntryFiles.Url(entry), url.OriginalString);
        EntryFiles.Write(EntryFiles.Type(entry), info.ContentType);
        if (info.ETag.Length > 0) EntryFiles.Write(EntryFiles.ETag(entry), info.ETag);
        EntryFiles.Write(EntryFiles.Time(entry), info.LastModified);
        if (expected is not null) EntryFiles.Write(EntryFiles.Digest(entry, expected.Algorithm), expected.ToString());
    }

    /// <summary>While another process downloads, its partial file tells how far it has come.</summary>
    private static void ReportForeign(string entry, string url, ThrottledProgress progress)
    {
        var partial = new FileInfo(EntryFiles.Partial(entry));
        progress.Report(new StepProgress(ImageErrors.Downloading, url, partial.Exists ? partial.Length : null,
            PartialFile.ReadInfo(EntryFiles.PartialInfo(entry))?.Total));
    }

    private static DriverException Mismatch(Uri url, ImageDigest expected, string actual) => ImageErrors.DigestMismatch(
        url.OriginalString, expected, actual, "the cached copy is another version; remove it with `limactl image rm`, or correct the digest");
}
