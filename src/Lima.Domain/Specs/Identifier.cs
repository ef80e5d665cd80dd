using System.Text.RegularExpressions;

namespace Lima.Domain.Specs;

/// <summary>Names of disks and networks: as instance names, but they may end like a file.</summary>
public static partial class Identifier
{
    /// <summary>Most characters that a name may have.</summary>
    public const int LengthMax = 76;

    private const int ShownMax = 100;

    /// <summary>What is wrong with a name, for a user to read; null when nothing is.</summary>
    /// <param name="name">The name.</param>
    /// <param name="what">What it names: <c>disk</c>, <c>network</c>.</param>
    public static string? Problem(string name, string what) => name switch
    {
        "" => $"{what} name must not be empty",
        { Length: > LengthMax } => $"{what} name `{Shown(name)}` is {name.Length} characters long; at most {LengthMax} are allowed",
        _ when !IsWellFormed(name) => $"{what} name `{Shown(name)}` is invalid: use letters and digits, joined by single `.`, `_` or `-`",
        _ => null,
    };

    /// <summary>Whether a name has the right form, whatever its length.</summary>
    public static bool IsWellFormed(string name) => Pattern().IsMatch(name);

    private static string Shown(string name) =>
        string.Concat(name.Take(ShownMax).Select(c => char.IsControl(c) ? '?' : c));

    [GeneratedRegex(@"^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
