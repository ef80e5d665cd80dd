using System.Text;

namespace Lima.Cli.Output;

/// <summary>Text from a guest or a file made harmless for a terminal.</summary>
internal static class Printable
{
    /// <summary>
    /// One line of untrusted text: colour sequences are dropped, other control and text-direction characters are shown as
    /// escapes, and at most <paramref name="longest"/> characters are kept.
    /// </summary>
    public static string Line(string text, int longest = 1000)
    {
        var line = new StringBuilder(Math.Min(text.Length, longest));
        for (var i = 0; i < text.Length && line.Length < longest; i++)
        {
            var c = text[i];
            if (c == '\e' && SequenceEnd(text, i) is { } end)
            {
                i = end;
            }
            else if (c == '\t')
            {
                line.Append(' ');
            }
            else if (char.IsControl(c) || IsDirection(c))
            {
                line.Append(c < 0x100 ? $"\\x{(int)c:x2}" : $"\\u{(int)c:x4}");
            }
            else
            {
                line.Append(c);
            }
        }

        return line.ToString();
    }

    // Only complete CSI sequences (ESC [ parameters final) are dropped; anything else is shown.
    private static int? SequenceEnd(string text, int start)
    {
        if (start + 1 >= text.Length || text[start + 1] != '[') return null;
        for (var i = start + 2; i < text.Length && i < start + 32; i++)
        {
            if (text[i] is >= '@' and <= '~') return i;
            if (text[i] is < ' ' or > '?') return null;
        }

        return null;
    }

    private static bool IsDirection(char c) => c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
