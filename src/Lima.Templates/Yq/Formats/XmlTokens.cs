using System.Globalization;
using System.Text;

namespace Lima.Templates.Yq.Formats;

/// <summary>A part of an XML text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Name of an element or an instruction; empty otherwise.</param>
/// <param name="Text">Text of everything but tags.</param>
internal readonly record struct XmlToken(XmlToken.Of Kind, string Name, string Text)
{
    public enum Of
    {
        Start, End, Text, Comment, Instruction, Directive,
    }

    /// <summary>Attributes of a start, in their order.</summary>
    public List<(string Name, string Value)> Attributes { get; init; } = [];

    /// <summary>Whether a start is its own end.</summary>
    public bool IsEmpty { get; init; }
}

/// <summary>
/// Cuts an XML text into its parts. Small on purpose: the framework's reader knows schemas, entities and the network, none of which has a
/// place here, and is larger than all the rest of the program that goes into guests. Names are taken as they are written; the five entities
/// of XML itself and numbers are resolved, others stay as they are.
/// </summary>
internal sealed class XmlTokens(string text, string source)
{
    private int _at;

    /// <summary>The next part; null at the end.</summary>
    /// <exception cref="YqException">The text is not valid.</exception>
    public XmlToken? Next()
    {
        if (_at >= text.Length) return null;
        if (text[_at] != '<') return Words();
        if (Starts("<!--")) return new XmlToken(XmlToken.Of.Comment, "", Until("-->", "a comment"));
        if (Starts("<![CDATA[")) return new XmlToken(XmlToken.Of.Text, "", Until("]]>", "a CDATA section"));
        if (Starts("<?")) return Instruction();
        if (Starts("<!")) return new XmlToken(XmlToken.Of.Directive, "", Directive());
        return Starts("</") ? End() : Start();
    }

    private XmlToken Words()
    {
        var end = text.IndexOf('<', _at);
        var words = text[_at..(end < 0 ? text.Length : end)];
        _at += words.Length;
        return new XmlToken(XmlToken.Of.Text, "", Resolved(words));
    }

    private XmlToken Instruction()
    {
        var name = Name();
        return new XmlToken(XmlToken.Of.Instruction, name, Until("?>", "an instruction").TrimStart());
    }

    /// <summary>A declaration ends at the bracket that is neither in quotes nor of a declaration inside it.</summary>
    private string Directive()
    {
        var (from, depth, quote) = (_at, 1, '\0');
        for (; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (quote != '\0') quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'') quote = c;
            else if (c == '<') depth++;
            else if (c == '>' && --depth == 0) return text[from.._at++];
        }

        throw Bad("a declaration has no end");
    }

    private XmlToken End()
    {
        var name = Name();
        Blanks();
        if (!Starts(">")) throw Bad($"the end of `{name}` has no `>`");
        return new XmlToken(XmlToken.Of.End, name, "");
    }

    private XmlToken Start()
    {
        _at++;
        var name = Name();
        var attributes = new List<(string, string)>();
        while (true)
        {
            Blanks();
            if (Starts("/>")) return new XmlToken(XmlToken.Of.Start, name, "") { Attributes = attributes, IsEmpty = true };
            if (Starts(">")) return new XmlToken(XmlToken.Of.Start, name, "") { Attributes = attributes };
            var attribute = Name();
            Blanks();
            if (!Starts("=")) throw Bad($"the attribute `{attribute}` has no value");
            Blanks();
            if (_at >= text.Length || text[_at] is not ('"' or '\'')) throw Bad($"the value of the attribute `{attribute}` is not in quotes");
            attributes.Add((attribute, Resolved(Until(text[_at++] == '"' ? "\"" : "'", $"the value of the attribute `{attribute}`"))));
        }
    }

    private string Name()
    {
        var from = _at;
        while (_at < text.Length && IsNamePart(text[_at])) _at++;
        var name = text[from.._at];
        return IsName(name) ? name : throw Bad("a name is missing");
    }

    /// <summary>Whether an element or an attribute may have the name.</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && name.All(IsNamePart) && !(char.IsAsciiDigit(name[0]) || name[0] is '-' or '.');

    private static bool IsNamePart(char c) => char.IsLetterOrDigit(c) || char.IsSurrogate(c) || c is '_' or ':' or '-' or '.' or '\u00B7' ||
        char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private void Blanks()
    {
        while (_at < text.Length && text[_at] is ' ' or '\t' or '\n' or '\r') _at++;
    }

    private bool Starts(string with)
    {
        if (string.CompareOrdinal(text, _at, with, 0, with.Length) != 0) return false;
        _at += with.Length;
        return true;
    }

    private string Until(string end, string what)
    {
        var to = text.IndexOf(end, _at, StringComparison.Ordinal);
        if (to < 0) throw Bad($"{what} has no end");
        var between = text[_at..to];
        _at = to + end.Length;
        return between;
    }

    private static string Resolved(string words)
    {
        if (!words.Contains('&')) return words;
        var to = new StringBuilder(words.Length);
        for (var i = 0; i < words.Length; i++)
        {
            var end = words[i] == '&' ? words.IndexOf(';', i, Math.Min(12, words.Length - i)) : -1;
            var entity = end < 0 ? null : Entity(words.AsSpan(i + 1, end - i - 1));
            to.Append(entity ?? words[i].ToString());
            if (entity is not null) i = end;
        }

        return to.ToString();
    }

    private static string? Entity(ReadOnlySpan<char> name)
    {
        if (name is not ['#', .. var number])
            return name switch { "amp" => "&", "lt" => "<", "gt" => ">", "quot" => "\"", "apos" => "'", _ => null };
        var isHex = number is ['x', ..];
        return uint.TryParse(isHex ? number[1..] : number, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code)
            ? new Rune(code).ToString()
            : null;
    }

    /// <summary>What is wrong at this place.</summary>
    public YqException Bad(string what) =>
        new($"bad file '{source}': not valid XML: line {text.AsSpan(0, Math.Min(_at, text.Length)).Count('\n') + 1}: {what}");
}
