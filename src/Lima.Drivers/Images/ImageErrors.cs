namespace Lima.Drivers.Images;

/// <summary>What can go wrong with images, in the user's words. The codes are stable.</summary>
internal static class ImageErrors
{
    internal const string Choosing = "choosing the image";
    internal const string Downloading = "downloading the image";
    internal const string Checking = "checking the image";
    internal const string Decompressing = "decompressing the image";
    internal const string NoNetworkCode = "image-no-network";
    private const string SpaceHint = "free some space there, or let XDG_CACHE_HOME name a directory on another disk";

    internal static DriverException NoneForArch(string arch, IEnumerable<string> available) => new(
        "image-none-for-arch", Choosing,
        $"no image is given for the architecture `{arch}`; there are images for {Words(available)}",
        $"add an entry with `arch: {arch}` to `images`, or choose another `arch`");

    internal static DriverException NoneGiven() => new(
        "image-none", Choosing, "no image is given", "add an entry to `images`");

    internal static DriverException NoneUsable(IReadOnlyList<DriverException> failures) => new(
        "image-unavailable", Choosing,
        $"none of the {failures.Count} images could be had: {string.Join("; ", failures.Select(f => f.Message))}",
        string.Join("; ", failures.Select(f => f.Cause.Hint).Where(hint => hint.Length > 0).Distinct()), failures[0]);

    internal static DriverException BadLocation(string location) => new(
        "image-location", Choosing, $"`{location}` is neither a URL, an absolute path nor `recipe:NAME`",
        "correct `location` in `images`");

    internal static DriverException Missing(string path) => new(
        "image-missing", Choosing, $"the file `{path}` does not exist or cannot be read", "correct `location` in `images`");

    internal static DriverException DigestMismatch(string location, ImageDigest expected, string actual, string hint) => new(
        "image-digest-mismatch", Checking, $"`{location}`: expected digest `{expected}`, got `{actual}`", hint);

    internal static DriverException BadDigest(string text, string why) => new(
        "image-digest-invalid", Checking, why, $"correct the digest `{text}` in `images`");

    internal static DriverException NoNetwork(Uri url, string why, Exception inner) => new(
        NoNetworkCode, Downloading, $"no network: {why} (`{url}`)", "check the network connection and the proxy settings", inner);

    internal static DriverException TransferFailed(Uri url, string why, Exception? inner = null) => new(
        "image-download-failed", Downloading, $"downloading `{url}` failed: {why}", "try again; what was downloaded is kept", inner);

    internal static DriverException Refused(Uri url, int status, string reason) => new(
        "image-download-refused", Downloading, $"the server answered {$"{status} {reason}".TrimEnd()} for `{url}`",
        status is 404 or 410 ? "correct `location` in `images`" : "try again later");

    internal static DriverException NoSpace(string directory, long? needed = null, long? free = null) => new(
        "image-no-space", Downloading,
        needed is { } bytes
            ? $"`{directory}` needs {Sizes.Text(bytes)} more, but only {Sizes.Text(free ?? 0)} are free there"
            : $"the disk that holds `{directory}` is full", SpaceHint);

    internal static DriverException Unwritable(string directory, Exception inner) => IsDiskFull(inner)
        ? NoSpace(directory)
        : new("image-store-unwritable", Choosing, $"the image cache `{directory}` cannot be used: {inner.Message}",
            "check the owner and the permissions of that directory", inner);

    internal static DriverException Corrupt(string location, string why, Exception? inner = null) => new(
        "image-corrupt", Decompressing, $"`{location}` cannot be decompressed: {why}",
        "check the file; remove a cached copy with `limactl image rm`", inner);

    internal static DriverException ToolMissing(string tool, string package, string location) => new(
        "image-tool-missing", Decompressing, $"`{location}` needs the program `{tool}`, which is not installed",
        $"install the package `{package}`");

    internal static DriverException Busy(string entry) => new(
        "image-busy", Choosing, $"the cache entry `{Path.GetFileName(entry)}` is in use: it is being downloaded or built",
        "wait until that has ended, or cancel it");

    /// <summary>ENOSPC and EDQUOT as Linux has them, and the one that .NET makes up itself.</summary>
    internal static bool IsDiskFull(Exception error) =>
        error is IOException { HResult: 28 or 122 or unchecked((int)0x80070070) };

    private static string Words(IEnumerable<string> words) =>
        string.Join(", ", words.Distinct().Order(StringComparer.Ordinal).Select(word => $"`{word}`"));
}

/// <summary>Sizes for people.</summary>
internal static class Sizes
{
    internal static string Text(long bytes) => bytes switch
    {
        < 1L << 10 => $"{bytes} B",
        < 1L << 20 => $"{bytes / 1024.0:0.0} KiB",
        < 1L << 30 => $"{bytes / 1048576.0:0.0} MiB",
        _ => $"{bytes / 1073741824.0:0.0} GiB",
    };
}
