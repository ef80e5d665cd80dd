using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>What <c>html</c>, <c>js</c> and <c>urlquery</c> do to a text.</summary>
internal static class GoEscapes
{
    public static string Html(string text) => Each(text, (to, rune) => to.Append(rune.Value switch
    {
        '"' => "&#34;",
        '\'' => "&#39;",
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        0 => "\ufffd",
        _ => rune.ToString(),
    }));

    public static string JavaScript(string text) => Each(text, (to, rune) => to.Append(rune.Value switch
    {
        '\\' => @"\\",
        '\'' => @"\'",
        '"' => "\\\"",
        '<' => @"\u003C",
        '>' => @"\u003E",
        '&' => @"\u0026",
        '=' => @"\u003D",
        < ' ' => $"\\u{rune.Value:X4}",
        < 0x80 => rune.ToString(),
        _ when GoQuote.IsPrintable(rune.Value) => rune.ToString(),
        _ => $"\\u{rune.Value:X4}",
    }));

    public static string UrlQuery(string text)
    {
        Span<byte> bytes = stackalloc byte[4];
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~') escaped.Append((char)b);
                else if (b == ' ') escaped.Append('+');
                else escaped.Append('%').Append(b.ToString("X2"));
            }
        }

        return escaped.ToString();
    }

    private static string Each(string text, Action<StringBuilder, Rune> append)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) append(escaped, rune);
        return escaped.ToString();
    }
}
