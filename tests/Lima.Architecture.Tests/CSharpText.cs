using System.Text.RegularExpressions;

namespace Lima.Architecture.Tests;

/// <summary>Just enough understanding of C# text to tell code from comments and strings.</summary>
internal static partial class CSharpText
{
    /// <summary>The lines without comments, and without the text of strings on one line.</summary>
    public static IEnumerable<string> Code(string text) => text.Split('\n').Select(line => Comment().Replace(Literal().Replace(line, "\"\""), ""));

    /// <summary>Whether a word stands by itself, not as the end of a longer one.</summary>
    public static bool HasWord(string line, string word) =>
        Regex.IsMatch(line, $"(?<![A-Za-z0-9_.]){Regex.Escape(word)}{(char.IsLetter(word[^1]) ? "(?![A-Za-z0-9_])" : "")}");

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Literal();

    [GeneratedRegex("//.*$")]
    private static partial Regex Comment();
}
