namespace Lima.Drivers.Images;

/// <summary>The user's own files: used where they are, or decompressed into the cache.</summary>
internal sealed class LocalFiles(ImageStoreOptions options, TimeProvider time)
{
    private const string Scheme = "file://";

    /// <summary>Whether a location is a path or a <c>file://</c> URL.</summary>
    internal static bool Is(string location) =>
        location.StartsWith(Scheme, StringComparison.Ordinal)
        || location.StartsWith('/')
        || location.StartsWith("~/", StringComparison.Ordinal);

    /// <summary>The path that a location means.</summary>
    internal static string PathOf(string location)
    {
        var isUrl = location.StartsWith(Scheme, StringComparison.Ordinal);
        var path = isUrl ? location[Scheme.Length..] : location;
        // Lima takes what follows as it is; a proper URL may have its blanks escaped.
        if (isUrl && !File.Exists(path)) path = Uri.UnescapeDataString(path);
        return path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
            : path;
    }

    /// <summary>Checks a file and gives a path to it or to its decompressed copy.</summary>
    /// <exception cref="DriverException">It is not there, cannot be read, or has another digest.</exception>
    internal async Task<string> GetAsync(
        string location, ImageDigest? expected, FilePurpose purpose, ThrottledProgress progress, CancellationToken cancel)
    {
        var path = PathOf(location);
        if (!Path.IsPathFullyQualified(path)) throw ImageErrors.BadLocation(location);
        RequireReadable(path);
        if (expected is not null)
        {
            var actual = await expected.OfFileAsync(path, progress, cancel);
            if (actual != expected.ToString())
            {
                throw ImageErrors.DigestMismatch(location, expected, actual, "correct the digest in `images`, or replace the file");
            }
        }

        var isPlain = purpose is FilePurpose.Initrd or FilePurpose.Archive || Decompressor.Detect(path, path) == Compression.None;
        return isPlain ? path : await DecompressedAsync(path, purpose, progress, cancel);
    }

    private async Task<string> DecompressedAsync(
        string path, FilePurpose purpose, ThrottledProgress progress, CancellationToken cancel)
    {
        var entry = Path.Combine(EntryFiles.LocalRoot(options.CacheDirectory), EntryFiles.KeyOf(path));
        using var held = await EntryLock.AcquireAsync(
            entry, options.EntryLimit, time, () => progress.Report(new StepProgress(ImageErrors.Decompressing, path)), cancel);
        var made = await Preparation.RunAsync(path, path, entry, purpose, progress, cancel);
        EntryFiles.Write(EntryFiles.Url(entry), path);
        return made;
    }

    private static void RequireReadable(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ImageErrors.Missing(path);
        }
    }
}
