using System.Text;
using Lima.Templates.Yaml;

namespace Lima.Templates.Expressions;

/// <summary>
/// Expands <c>{{.Name}}</c> and its like. Only plain variables, with or without trim marks (<c>{{- .Name -}}</c>): a text
/// with anything else is left as it is as a whole, as Lima does with what it cannot expand.
/// </summary>
internal static class GuestTemplate
{
    /// <summary>The text with its variables replaced; null, and <paramref name="problem"/>, when it must be left as written.</summary>
    public static string? Expand(string text, IReadOnlyDictionary<string, string> variables, out string problem)
    {
        problem = "";
        var at = text.IndexOf("{{", StringComparison.Ordinal);
        if (at < 0) return text;
        var result = new StringBuilder(text.Length);
        var from = 0;
        var trimNext = false;
        for (; at >= 0; at = text.IndexOf("{{", from, StringComparison.Ordinal))
        {
            var end = text.IndexOf("}}", at, StringComparison.Ordinal);
            if (end < 0)
            {
                problem = "a `{{` is not closed";
                return null;
            }

            var action = text.AsSpan(at + 2, end - at - 2);
            var trimBefore = action.Length > 1 && action[0] == '-' && char.IsWhiteSpace(action[1]);
            var trimAfter = action.Length > 1 && action[^1] == '-' && char.IsWhiteSpace(action[^2]);
            var name = action[(trimBefore ? 1 : 0)..(action.Length - (trimAfter ? 1 : 0))].Trim();
            if (!name.StartsWith(".") || !variables.TryGetValue(name[1..].ToString(), out var value))
            {
                problem = $"`{{{{{Shown.Value(action.ToString())}}}}}` is not one of its variables";
                return null;
            }

            Append(result, text.AsSpan(from, at - from), trimNext, trimBefore);
            result.Append(value);
            from = end + 2;
            trimNext = trimAfter;
        }

        Append(result, text.AsSpan(from), trimNext, trimEnd: false);
        return result.ToString();
    }

    private static void Append(StringBuilder to, ReadOnlySpan<char> text, bool trimStart, bool trimEnd)
    {
        if (trimStart) text = text.TrimStart();
        if (trimEnd) text = text.TrimEnd();
        to.Append(text);
    }
}
