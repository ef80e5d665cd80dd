using System.Text;

namespace Lima.Templates.Yq;

/// <summary>Fills environment variables into a text: <c>$NAME</c>, <c>${NAME}</c>, <c>${NAME-default}</c>, <c>${NAME:-default}</c>.</summary>
internal static class YqEnvironmentText
{
    /// <param name="text">The text.</param>
    /// <param name="environment">Values of variables; null when not set.</param>
    /// <param name="noUnset">Whether a variable that is not set is an error.</param>
    /// <param name="noEmpty">Whether a variable that is set to nothing is an error.</param>
    /// <param name="failFast">Whether only the first error is reported.</param>
    public static string Substitute(string text, Func<string, string?> environment, bool noUnset, bool noEmpty, bool failFast)
    {
        var errors = new List<string>();
        var result = Filled(text, environment, noUnset, noEmpty, errors);
        if (errors.Count > 0) throw new YqException(failFast ? errors[0] : string.Join("\n", errors));
        return result;
    }

    private static string Filled(string text, Func<string, string?> environment, bool noUnset, bool noEmpty, List<string> errors)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 >= text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var braces = text[i + 1] == '{';
            var start = i + (braces ? 2 : 1);
            var end = start;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
            if (end == start)
            {
                result.Append(text[i]);
                continue;
            }

            var name = text[start..end];
            if (!braces)
            {
                result.Append(Value(environment, name, noUnset, noEmpty, errors));
                i = end - 1;
                continue;
            }

            var close = text.IndexOf('}', end);
            if (close < 0) throw new YqException("closing brace expected");
            result.Append(WithDefault(environment, name, text[end..close], noUnset, noEmpty, errors));
            i = close;
        }

        return result.ToString();
    }

    private static string WithDefault(Func<string, string?> environment, string name, string rest, bool noUnset, bool noEmpty, List<string> errors)
    {
        var value = environment(name);
        if (rest.StartsWith(":-", StringComparison.Ordinal)) return string.IsNullOrEmpty(value) ? rest[2..] : value;
        if (rest.StartsWith('-')) return value is null ? rest[1..] : Value(environment, name, noUnset, noEmpty, errors);
        if (rest.Length > 0) throw new YqException($"`${{{name}{Yaml.Shown.Value(rest)}}}`: of the forms with a default there are `-` and `:-`");
        return Value(environment, name, noUnset, noEmpty, errors);
    }

    private static string Value(Func<string, string?> environment, string name, bool noUnset, bool noEmpty, List<string> errors)
    {
        var value = environment(name);
        if (value is null && noUnset) errors.Add($"variable ${{{name}}} not set");
        if (value is "" && noEmpty) errors.Add($"variable ${{{name}}} set but empty");
        return value ?? "";
    }
}
