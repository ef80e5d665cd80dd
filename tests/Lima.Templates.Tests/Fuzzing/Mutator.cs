using System.Text;

namespace Lima.Templates.Tests.Fuzzing;

/// <summary>Makes new texts from known ones: pieces are cut out, said again, swapped, turned inside out, and joined with pieces of others.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<string> corpus)
{
    private const int LengthMax = 64 << 10;

    // What the languages are made of: one of these in the wrong place says more than any letter.
    private static readonly string[] Tokens =
    [
        "\n", " ", "  ", "\t", ":", ": ", "- ", "? ", "{", "}", "[", "]", ",", "&a ", "*a", "<<: *a", "!!binary ", "!!str ", "|\n", ">-\n", "---\n", "...\n", "#", "\"", "'", "~", "null",
        "{{", "}}", "{{-", "-}}", ".", "$", ":=", "range ", "end", "if ", "else", "printf \"%*d\" ", "index ", "`", "(", ")", "|", " | ", "//", "..", "[]", "=", "|=", "*+", "select(", "del(", "as $x",
        "0", "-1", "1e999", "0x7fffffffffffffff", "99999999999999999999", "\0", "\u0085", "\u2028", "\ufeff", "\ud83d\ude00", "template:", "github:", "file://", "../", "\\", "%", "@",
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next text.</summary>
    public string Next()
    {
        var text = new StringBuilder(Pick(corpus));
        for (var left = 1 + _random.Next(8); left > 0; left--) Change(text);
        return text.Length > LengthMax ? text.ToString(0, LengthMax) : text.ToString();
    }

    private void Change(StringBuilder text)
    {
        var (from, length) = Piece(text.Length);
        switch (_random.Next(7))
        {
            case 0:
                text.Remove(from, length);
                break;
            case 1:
                text.Insert(from, text.ToString(from, length));
                break;
            case 2:
                text.Insert(_random.Next(text.Length + 1), text.ToString(from, length));
                break;
            case 3:
                text.Insert(from, string.Concat(Enumerable.Repeat(Pick(Tokens), 1 + _random.Next(50))));
                break;
            case 4:
                var other = Pick(corpus);
                var (start, count) = Piece(other.Length);
                text.Insert(from, other.AsSpan(start, count));
                break;
            case 5 when length > 0:
                text[from] = (char)_random.Next(0x20, 0x7f);
                break;
            default:
                text.Insert(from, Pick(Tokens));
                break;
        }
    }

    private (int From, int Length) Piece(int whole)
    {
        var from = _random.Next(whole + 1);
        return (from, Math.Min(whole - from, _random.Next(_random.Next(4) == 0 ? whole + 1 : 40)));
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];
}
