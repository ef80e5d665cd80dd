using System.Buffers;
using System.Globalization;

namespace Lima.Templates.Yaml;

/// <summary>Makes values that say what they are by their form alone: text that could be read as something else is quoted.</summary>
internal static class Values
{
    private static readonly SearchValues<char> NotFirst = SearchValues.Create("-?:,[]{}#&*!|>'\"%@`=~<. ");
    private static readonly SearchValues<char> Quiet = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+=~%$()*,;?!^&<>|\\ ");

    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789_:-+eExXoObBabcdefABCDEF.");

    // What some reader of YAML takes for a truth value or for nothing.
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "null", "true", "false", "yes", "no", "on", "off", "y", "n",
    };

    /// <summary>A text.</summary>
    public static YamlScalar Text(Position at, string text) => new(at, text, IsPlain(text) ? ScalarForm.Plain : ScalarForm.DoubleQuoted);

    /// <summary>A whole number.</summary>
    public static YamlScalar Integer(Position at, long value) => new(at, value.ToString(CultureInfo.InvariantCulture), ScalarForm.Plain);

    /// <summary>A truth value.</summary>
    public static YamlScalar Bool(Position at, bool value) => new(at, value ? "true" : "false", ScalarForm.Plain);

    /// <summary>A key.</summary>
    public static YamlScalar Key(Position at, string name) => Text(at, name);

    private static bool IsPlain(string text) =>
        text.Length > 0 && !NotFirst.Contains(text[0]) && text[^1] is not (' ' or ':')
        && !text.AsSpan().ContainsAnyExcept(Quiet)
        && !text.Contains(": ", StringComparison.Ordinal)
        && !Words.Contains(text) && !IsNumber(text);

    // Wide on purpose: dates, addresses and sexagesimal numbers are quoted too when they have digits and marks alone.
    private static bool IsNumber(string text) =>
        (char.IsAsciiDigit(text[0]) || text[0] == '+')
        && (double.TryParse(text, CultureInfo.InvariantCulture, out _) || !text.AsSpan().ContainsAnyExcept(OfNumbers));
}
