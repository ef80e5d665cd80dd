using System.Text;
using System.Text.RegularExpressions;

namespace Lima.Templates.Yq;

/// <summary>
/// A regular expression in the notation of Go. It never backtracks, so none takes long; its groups are counted from left to
/// right whether they have names or not.
/// </summary>
internal sealed class YqPattern
{
    private readonly List<string> _names = [];

    /// <summary>Compiles a pattern; throws what becomes a problem.</summary>
    public YqPattern(string pattern)
    {
        try
        {
            Regex = new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or InsufficientExecutionStackException)
        {
            throw new YqException($"error parsing regexp `{Yaml.Shown.Value(pattern)}`: {error.Message}");
        }
    }

    public Regex Regex { get; }

    /// <summary>Names of the groups in their order; empty where there is none.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>A group by its place from 0.</summary>
    public static Group GroupAt(Match match, int index) => match.Groups[$"g{index + 1}"];

    /// <summary>A replacement with <c>$1</c>, <c>${1}</c> and <c>$name</c> filled in.</summary>
    public string Expand(string replacement, Match match)
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
                result.Append(Value(match, replacement[start..end]));
                i = braces ? end : end - 1;
            }
        }

        return result.ToString();
    }

    private string Value(Match match, string group)
    {
        if (group == "0") return match.Value;
        var at = int.TryParse(group, out var number) ? number - 1 : _names.IndexOf(group);
        return at >= 0 && at < _names.Count ? GroupAt(match, at).Value : "";
    }

    private string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        var inClass = false;
        var lines = pattern.Contains("(?m", StringComparison.Ordinal);
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length) result.Append(c).Append(pattern[++i]);
            else if (inClass)
            {
                inClass = c != ']';
                result.Append(c);
            }
            else if (c == '(') i = Group(pattern, i, result);
            else
            {
                inClass = c == '[';
                result.Append(c == '$' && !lines ? "\\z" : c.ToString());
            }
        }

        return result.ToString();
    }

    /// <summary>Every group that is kept gets a name of its own: the order of names is the order from left to right.</summary>
    private int Group(string pattern, int at, StringBuilder result)
    {
        var rest = pattern.AsSpan(at + 1);
        var name = "";
        if (rest.StartsWith("?P<") || (rest.StartsWith("?<") && !rest.StartsWith("?<=") && !rest.StartsWith("?<!")))
        {
            var start = pattern.IndexOf('<', at) + 1;
            var end = pattern.IndexOf('>', start);
            if (end < 0) throw new ArgumentException("the name of a group has no end");
            name = pattern[start..end];
            at = end;
        }
        else if (rest.StartsWith("?"))
        {
            result.Append('(');
            return at;
        }

        _names.Add(name);
        result.Append($"(?<g{_names.Count}>");
        return at;
    }
}
