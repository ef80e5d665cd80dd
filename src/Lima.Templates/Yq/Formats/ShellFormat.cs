using System.Text;

namespace Lima.Templates.Yq.Formats;

/// <summary>Texts for shells and for addresses.</summary>
internal static class ShellFormat
{
    /// <summary>A text as one word of a POSIX shell.</summary>
    public static string Quote(string text)
    {
        var result = new StringBuilder(text.Length + 2);
        var quoted = false;
        foreach (var c in text)
        {
            var safe = char.IsAsciiLetterOrDigit(c) || c is '_' or '@' or '%' or '+' or '=' or ':' or ',' or '.' or '/' or '-';
            if (c == '\'')
            {
                if (quoted) result.Append('\'');
                quoted = false;
                result.Append('\\');
            }
            else if (!safe && !quoted)
            {
                result.Append('\'');
                quoted = true;
            }

            result.Append(c);
        }

        return quoted ? result.Append('\'').ToString() : result.ToString();
    }

    /// <summary>A text for the query of a URL: blanks as plus signs.</summary>
    public static string Uri(string text) => System.Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    /// <summary>The text that <see cref="Uri"/> was given.</summary>
    public static string FromUri(string text) => System.Uri.UnescapeDataString(text.Replace('+', ' '));
}
