using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>The verbs of strings.</summary>
internal static class GoVerbStrings
{
    public static bool TryWrite(GoVerb verb, StringBuilder to, string text)
    {
        switch (verb.Letter)
        {
            case 's' or 'v':
                verb.Pad(to, Cut(verb, text));
                return true;
            case 'q':
                var cut = Cut(verb, text);
                verb.Pad(to, verb.Sharp && CanBackquote(cut) ? "`" + cut + "`" : GoQuote.Quote(cut, asciiOnly: verb.Plus));
                return true;
            case 'x' or 'X':
                verb.Pad(to, Hex(verb, text));
                return true;
            default:
                return false;
        }
    }

    private static string Cut(GoVerb verb, string text) =>
        verb.Precision is { } most && most < text.Length ? string.Concat(text.EnumerateRunes().Take(most)) : text;

    private static bool CanBackquote(string text) => !text.Any(c => c is '`' or '\ufeff' or '\ufffd' or '\x7f' or (< ' ' and not '\t'));

    private static string Hex(GoVerb verb, string text)
    {
        var hex = new StringBuilder();
        var count = 0;
        foreach (var b in Encoding.UTF8.GetBytes(text).Take(verb.Precision ?? int.MaxValue))
        {
            if (count > 0 && verb.Space) hex.Append(' ');
            if (verb.Sharp && (count == 0 || verb.Space)) hex.Append('0').Append(verb.Letter);
            hex.Append(b.ToString(verb.Letter == 'x' ? "x2" : "X2"));
            count++;
        }

        return hex.ToString();
    }
}
