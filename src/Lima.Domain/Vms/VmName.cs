using System.Text.RegularExpressions;

namespace Lima.Domain.Vms;

/// <summary>
/// A valid instance name. The rule is Lima's: letters and digits, joined by single dots, underscores or dashes, at most
/// 76 characters, not ending in <c>.yml</c> or <c>.yaml</c>.
/// </summary>
public sealed partial record VmName
{
    /// <summary>Most characters that a name may have.</summary>
    public const int LengthMax = 76;

    private const int ShownMax = 200;

    private VmName(string value) => Value = value;

    /// <summary>The name as the user wrote it.</summary>
    public string Value { get; }

    /// <summary>The guest's host name: <c>lima-</c> and the name with dots and underscores as dashes.</summary>
    public string Hostname => "lima-" + Value.Replace('.', '-').Replace('_', '-');

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Takes a name that is known to be valid.</summary>
    /// <exception cref="ArgumentException">The text is no valid name; the message says why.</exception>
    public static VmName Parse(string text) =>
        TryParse(text, out var name, out var problem) ? name : throw new ArgumentException(problem, nameof(text));

    /// <summary>Checks a name; <paramref name="problem"/> says what is wrong, for a user to read.</summary>
    public static bool TryParse(
        string? text,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out VmName? name,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        name = null;
        problem = Problem(text ?? "");
        if (problem is not null) return false;
        name = new VmName(text!);
        return true;
    }

    private static string? Problem(string text) => text switch
    {
        "" => "instance name must not be empty",
        { Length: > LengthMax } => $"instance name `{Printable(text[..Math.Min(text.Length, ShownMax)])}` is {text.Length} characters long; at most {LengthMax} are allowed",
        _ when !Pattern().IsMatch(text) =>
            $"instance name `{Printable(text)}` is invalid: use letters and digits, joined by single `.`, `_` or `-` (for example `my-vm`)",
        _ when text.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || text.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) =>
            $"instance name `{text}` must not end with `.yml` or `.yaml`",
        _ => null,
    };

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    [GeneratedRegex("^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
