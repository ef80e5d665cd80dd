using System.Security.Cryptography;
using System.Text;

namespace Lima.Domain.Specs;

/// <summary>A new text of <c>lima.yaml</c> that keeps what else is written there.</summary>
/// <param name="Yaml">The whole text.</param>
/// <param name="Before">What it was made from, as <see cref="Fingerprint"/> gives it; another text meanwhile is not overwritten.</param>
public sealed record ConfigurationChange(string Yaml, string Before)
{
    /// <summary>What tells one text from another.</summary>
    public static string Fingerprint(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
