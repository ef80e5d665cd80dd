using System.Security.Cryptography;

namespace Lima.Drivers.Images;

/// <summary>A digest as OCI writes it: <c>sha256:HEX</c>.</summary>
public sealed record ImageDigest
{
    private ImageDigest(string algorithm, string hex) => (Algorithm, Hex) = (algorithm, hex);

    /// <summary><c>sha256</c>, <c>sha384</c> or <c>sha512</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The hash in lower case hex digits.</summary>
    public string Hex { get; }

    /// <summary>Reads a digest; null when the text is empty, that is when none is known.</summary>
    /// <exception cref="DriverException">The algorithm is not supported, or the hash does not have its length.</exception>
    public static ImageDigest? Parse(string text)
    {
        if (text.Length == 0) return null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) throw ImageErrors.BadDigest(text, $"the digest `{text}` does not have the form `sha256:HEX`");
        var (algorithm, hex) = (text[..colon], text[(colon + 1)..].ToLowerInvariant());
        var digits = algorithm switch
        {
            "sha256" => 64,
            "sha384" => 96,
            "sha512" => 128,
            _ => throw ImageErrors.BadDigest(text, $"unsupported digest algorithm `{algorithm}`"),
        };
        return hex.Length == digits && hex.All(char.IsAsciiHexDigitLower)
            ? new ImageDigest(algorithm, hex)
            : throw ImageErrors.BadDigest(text, $"the digest `{text}` does not have {digits} hexadecimal digits");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Algorithm}:{Hex}";

    internal IncrementalHash NewHash() => IncrementalHash.CreateHash(Algorithm switch
    {
        "sha384" => HashAlgorithmName.SHA384,
        "sha512" => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    });

    /// <summary>The digest of what a hash was given so far.</summary>
    internal string TextOf(IncrementalHash hash) => $"{Algorithm}:{Convert.ToHexStringLower(hash.GetCurrentHash())}";

    /// <summary>Computes this kind of digest over a file.</summary>
    internal async Task<string> OfFileAsync(string path, ThrottledProgress progress, CancellationToken cancel)
    {
        using var hash = NewHash();
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);
        var buffer = new byte[1 << 18];
        long done = 0;
        for (int read; (read = await file.ReadAsync(buffer, cancel)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            done += read;
            progress.Report(new StepProgress(ImageErrors.Checking, path, done, file.Length));
        }

        return TextOf(hash);
    }
}
