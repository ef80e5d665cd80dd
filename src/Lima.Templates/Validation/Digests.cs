using System.Buffers;

namespace Lima.Templates.Validation;

/// <summary>OCI digests: <c>ALGORITHM:HEX</c>.</summary>
internal static class Digests
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>What is wrong with a digest, or null.</summary>
    public static string? Problem(string digest)
    {
        var colon = digest.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == digest.Length - 1) return "invalid checksum digest format";
        var length = digest[..colon] switch { "sha256" => 64, "sha384" => 96, "sha512" => 128, _ => 0 };
        if (length == 0) return "unsupported digest algorithm";
        if (digest.Length - colon - 1 != length) return "invalid checksum digest length";
        return digest.AsSpan(colon + 1).ContainsAnyExcept(Hex) ? "invalid checksum digest format" : null;
    }
}
