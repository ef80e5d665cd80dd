using System.Globalization;

namespace Lima.Drivers.CloudInit;

/// <summary>
/// Names as ISO 9660 level 1 wants them: eight characters, a dot and three more, of A–Z, 0–9 and <c>_</c>. Linux shows
/// the Rock Ridge name instead; this one must only be legal and unique.
/// </summary>
internal static class IsoIdentifier
{
    private const int StemMax = 8;
    private const int ExtensionMax = 3;

    /// <summary>A legal name, without a version, that is not yet in <paramref name="taken"/>, and is added to it.</summary>
    public static string For(string name, bool directory, HashSet<string> taken)
    {
        var dot = directory ? -1 : name.LastIndexOf('.');
        var stem = Legal(dot < 0 ? name : name[..dot], StemMax);
        var extension = dot < 0 ? "" : Legal(name[(dot + 1)..], ExtensionMax);
        if (stem.Length == 0) stem = "_";
        for (var attempt = 0; ; attempt++)
        {
            var suffix = attempt == 0 ? "" : attempt.ToString(CultureInfo.InvariantCulture);
            var unique = stem[..Math.Min(stem.Length, StemMax - suffix.Length)] + suffix;
            // A directory and a file may not differ by the dot alone: some readers do not show it.
            if (taken.Add($"{unique}.{extension}")) return directory ? unique : $"{unique}.{extension}";
        }
    }

    private static string Legal(string text, int length) => string.Concat(text.Take(length).Select(Legal));

    private static char Legal(char letter) => char.IsAsciiLetterOrDigit(letter) ? char.ToUpperInvariant(letter) : '_';
}
