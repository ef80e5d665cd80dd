using System.Globalization;

namespace Lima.Templates.Validation;

/// <summary>A version of three numbers; a suffix (<c>-114-g5bf5e513</c>) is accepted and not compared.</summary>
internal readonly record struct LimaVersion(int Major, int Minor, int Patch) : IComparable<LimaVersion>
{
    /// <summary>Parses <c>1.2.3</c>, <c>v1.2.3</c>, <c>1.2.3-suffix</c>; null for anything else.</summary>
    public static LimaVersion? Parse(string text)
    {
        if (text.StartsWith('v')) text = text[1..];
        var end = text.AsSpan().IndexOfAny('-', '+');
        var parts = (end < 0 ? text : text[..end]).Split('.');
        if (parts.Length != 3) return null;
        return Number(parts[0], out var major) && Number(parts[1], out var minor) && Number(parts[2], out var patch)
            ? new LimaVersion(major, minor, patch)
            : null;
    }

    /// <summary>Whether what made an instance is older than a version.</summary>
    /// <param name="createdBy">What its <c>lima-version</c> says; empty is old, null is this program, and so is what cannot be read.</param>
    /// <param name="version">The version to compare with.</param>
    public static bool IsOlder(string? createdBy, LimaVersion version) => createdBy is not null
        && (createdBy.Trim().Length == 0 || (Parse(createdBy.Trim()) is { } made && made.CompareTo(version) < 0));

    public int CompareTo(LimaVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    private static bool Number(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
