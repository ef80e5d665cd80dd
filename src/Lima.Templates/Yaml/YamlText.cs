using System.Buffers;
using System.Text;

namespace Lima.Templates.Yaml;

/// <summary>What can be said of a text before it is parsed.</summary>
internal static class YamlText
{
    // The scanner takes NUL for the end of the text and would quietly drop what follows it.
    private static readonly SearchValues<char> Refused = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c).Except(['\t', '\n', '\r']), '\u007f']);

    private static readonly SearchValues<char> Surrogates = SearchValues.Create(
        [.. Enumerable.Range(0xd800, 0x800).Select(c => (char)c)]);

    /// <summary>Reports what makes the text unfit for parsing; false when there is something.</summary>
    public static bool Check(string text, string file, ProblemList problems)
    {
        if (text.Length > YamlLimits.BytesMax || Encoding.UTF8.GetByteCount(text) > YamlLimits.BytesMax)
        {
            problems.Error("", $"the file is larger than {YamlLimits.BytesMax >> 20} MiB, the most that is read");
            return false;
        }

        var bad = text.AsSpan().IndexOfAny(Refused);
        if (bad >= 0)
        {
            problems.Error(At(text, bad, file), "", $"the control character U+{(int)text[bad]:X4} is not allowed in YAML");
            return false;
        }

        bad = LoneSurrogate(text);
        if (bad < 0) return true;
        problems.Error(At(text, bad, file), "", "the text is not valid Unicode here (half of a surrogate pair)");
        return false;
    }

    private static int LoneSurrogate(string text)
    {
        for (var at = 0; ;)
        {
            var next = text.AsSpan(at).IndexOfAny(Surrogates);
            if (next < 0) return -1;
            at += next;
            if (at + 1 >= text.Length || !char.IsSurrogatePair(text[at], text[at + 1])) return at;
            at += 2;
        }
    }

    private static Position At(string text, int index, string file)
    {
        var before = text.AsSpan(0, index);
        return new Position(file, before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }
}
