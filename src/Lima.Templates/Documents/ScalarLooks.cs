namespace Lima.Templates.Documents;

/// <summary>Which ways of writing a text would be read as the same text again.</summary>
internal readonly record struct ScalarLooks(bool BlockPlain, bool FlowPlain, bool SingleQuoted, bool Block, bool MultiLine)
{
    public static ScalarLooks Of(string text)
    {
        if (text.Length == 0) return new(true, false, true, false, false);
        var (flow, block) = Indicators(text);
        var lines = text.Contains('\n');
        var special = text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text.Any(c => c != '\n' && !IsPrintable(c));
        var edge = IsSpace(text[0]) || IsSpace(text[^1]) || text[0] == '\n' || text[^1] == '\n';
        var breakSpace = text.Contains("\n ", StringComparison.Ordinal);
        var spaceBreak = text.Contains(" \n", StringComparison.Ordinal);
        var quoted = !breakSpace && !spaceBreak && !special && !text.Contains('\t');
        return new(quoted && !edge && !lines && !block, quoted && !edge && !lines && !flow, quoted,
            !special && !(spaceBreak && text.AsSpan().TrimEnd(" \n").IsEmpty) && text[^1] != ' ' && text.AsSpan().ContainsAnyExcept('\n', ' '), lines);
    }

    /// <summary>Whether YAML takes a character as it is; a tab counts as one.</summary>
    public static bool IsPrintable(char c) => c == '\t' || (c is not ('\u2028' or '\u2029' or '\u0085' or '\ufeff') && !char.IsControl(c));

    private static bool IsSpace(char c) => c is ' ' or '\t';

    private static (bool Flow, bool Block) Indicators(string text)
    {
        var (flow, block) = (false, false);
        if (text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal)) (flow, block) = (true, true);
        for (var i = 0; i < text.Length; i++)
        {
            var spaceAfter = i + 1 >= text.Length || text[i + 1] is ' ' or '\t' or '\n';
            switch (text[i])
            {
                case '#' when i == 0 || text[i - 1] is ' ' or '\t' or '\n':
                case '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`' or ',' or '[' or ']' or '{' or '}' when i == 0:
                case '-' when i == 0 && spaceAfter:
                    (flow, block) = (true, true);
                    break;
                case ':' or '?' when i == 0 || text[i] == ':':
                    flow = true;
                    block |= spaceAfter;
                    break;
                case ',' or '?' or '[' or ']' or '{' or '}':
                    flow = true;
                    break;
            }
        }

        return (flow, block);
    }
}
