using System.Text;
using System.Text.RegularExpressions;

namespace Lima.Templates.Yq;

/// <summary>Regular expressions in the notation of Go.</summary>
internal static class YqPattern
{
    /// <summary>A pattern in the notation used here: named groups are written differently, and <c>$</c> is the very end.</summary>
    public static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                result.Append(c).Append(pattern[++i]);
                continue;
            }

            if (c == '[') inClass = true;
            else if (c == ']') inClass = false;
            if (!inClass && c == '$' && !pattern.Contains("(?m", StringComparison.Ordinal)) result.Append("\\z");
            else if (!inClass && pattern.AsSpan(i).StartsWith("(?P<"))
            {
                result.Append("(?<");
                i += 3;
            }
            else result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>A replacement with <c>$1</c>, <c>${1}</c> and <c>$name</c> filled in.</summary>
    public static string Expand(string replacement, Match match)
    {
        if (!replacement.Contains('$')) return replacement;
        var result = new StringBuilder();
        for (var i = 0; i < replacement.Length; i++)
        {
            if (replacement[i] != '$' || i + 1 >= replacement.Length)
            {
                result.Append(replacement[i]);
                continue;
            }

            if (replacement[i + 1] == '$')
            {
                result.Append('$');
                i++;
                continue;
            }

            var braces = replacement[i + 1] == '{';
            var start = i + (braces ? 2 : 1);
            var end = start;
            while (end < replacement.Length && (char.IsLetterOrDigit(replacement[end]) || replacement[end] == '_')) end++;
            if (end == start || (braces && (end >= replacement.Length || replacement[end] != '}'))) result.Append('$');
            else
            {
                result.Append(match.Groups[replacement[start..end]].Value);
                i = braces ? end : end - 1;
            }
        }

        return result.ToString();
    }
}
