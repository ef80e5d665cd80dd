using System.Globalization;
using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>Go's string and character literals.</summary>
internal static class GoQuote
{
    /// <summary>A text as a literal with double quotes.</summary>
    public static string Quote(string text, bool asciiOnly = false)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes()) AppendRune(quoted, rune.Value, '"', asciiOnly);
        return quoted.Append('"').ToString();
    }

    /// <summary>A character as a literal; what is no character is U+FFFD.</summary>
    public static string QuoteChar(long code, bool asciiOnly = false)
    {
        var quoted = new StringBuilder().Append('\'');
        AppendRune(quoted, Rune.IsValid((int)Math.Clamp(code, -1, int.MaxValue)) ? (int)code : 0xfffd, '\'', asciiOnly);
        return quoted.Append('\'').ToString();
    }

    /// <summary>Whether Go prints a character as it is.</summary>
    public static bool IsPrintable(int code) => code == ' ' || (Rune.IsValid(code) && Rune.GetUnicodeCategory(new Rune(code))
        is <= UnicodeCategory.OtherNumber or (>= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherSymbol));

    private static void AppendRune(StringBuilder to, int code, char quote, bool asciiOnly)
    {
        if (code == quote || code == '\\')
        {
            to.Append('\\').Append((char)code);
            return;
        }

        if (IsPrintable(code) && (code < 0x80 || !asciiOnly))
        {
            to.Append(new Rune(code));
            return;
        }

        to.Append(code switch
        {
            '\a' => "\\a",
            '\b' => "\\b",
            '\f' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\v' => "\\v",
            < ' ' or 0x7f => $"\\x{code:x2}",
            < 0x10000 => $"\\u{code:x4}",
            _ => $"\\U{code:x8}",
        });
    }

    /// <summary>The value of a literal in double quotes or back quotes.</summary>
    public static bool TryUnquote(string literal, out string value)
    {
        value = "";
        if (literal.Length < 2 || literal[^1] != literal[0]) return false;
        if (literal[0] == '`')
        {
            value = literal[1..^1].Replace("\r", "", StringComparison.Ordinal);
            return true;
        }

        var body = literal.AsSpan(1, literal.Length - 2);
        if (!body.Contains('\\'))
        {
            value = body.ToString();
            return true;
        }

        // Escapes can spell the bytes of one character one by one.
        var bytes = new List<byte>(body.Length);
        Span<byte> utf8 = stackalloc byte[4];
        while (body.Length > 0)
        {
            if (!TryReadChar(ref body, '"', out var code, out var isByte)) return false;
            if (isByte) bytes.Add((byte)code);
            else bytes.AddRange(utf8[..new Rune(code).EncodeToUtf8(utf8)]);
        }

        value = Encoding.UTF8.GetString([.. bytes]);
        return true;
    }

    /// <summary>The value of a literal in single quotes.</summary>
    public static bool TryUnquoteChar(string literal, out int code)
    {
        code = 0;
        if (literal.Length < 3) return false;
        var body = literal.AsSpan(1, literal.Length - 2);
        return TryReadChar(ref body, '\'', out code, out _) && body.IsEmpty;
    }

    private static bool TryReadChar(ref ReadOnlySpan<char> body, char quote, out int code, out bool isByte)
    {
        isByte = false;
        if (body[0] != '\\')
        {
            Rune.DecodeFromUtf16(body, out var rune, out var length);
            code = rune.Value;
            body = body[length..];
            return true;
        }

        code = 0;
        if (body.Length < 2) return false;
        var c = body[1];
        body = body[2..];
        var simple = @"abfnrtv\".IndexOf(c);
        if (simple >= 0) code = "\a\b\f\n\r\t\v\\"[simple];
        else if (c == quote) code = quote;
        else if (c == 'x') return isByte = TryReadDigits(ref body, 2, NumberStyles.AllowHexSpecifier, out code);
        else if (c is 'u' or 'U') return TryReadDigits(ref body, c == 'u' ? 4 : 8, NumberStyles.AllowHexSpecifier, out code) && Rune.IsValid(code);
        else return isByte = TryReadOctal(c, ref body, out code);
        return true;
    }

    private static bool TryReadDigits(ref ReadOnlySpan<char> body, int count, NumberStyles style, out int code)
    {
        code = 0;
        if (body.Length < count || !int.TryParse(body[..count], style, CultureInfo.InvariantCulture, out code)) return false;
        body = body[count..];
        return true;
    }

    private static bool TryReadOctal(char first, ref ReadOnlySpan<char> body, out int code)
    {
        code = 0;
        if (body.Length < 2) return false;
        foreach (var c in (ReadOnlySpan<char>)[first, body[0], body[1]])
        {
            if (c is < '0' or > '7') return false;
            code = (code * 8) + (c - '0');
        }

        body = body[2..];
        return code < 256;
    }
}
