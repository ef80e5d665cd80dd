namespace Lima.Templates.Documents;

/// <summary>Finds comments and blank lines between the tokens of a text.</summary>
internal static class TriviaReader
{
    /// <summary>All of them in the order of the text, whose line ends must be line feeds.</summary>
    public static List<Trivia> Read(string text, List<TokenTrace.Span> spans)
    {
        var found = new List<Trivia>();
        var at = 0;
        foreach (var span in spans)
        {
            if (span.Start > at) Gap(text, at, span.Start, found);
            if (span.IsBlockScalar) at = Math.Max(at, BlockEnd(text, span, found));
            else at = Math.Max(at, span.End);
        }

        Gap(text, at, text.Length, found);
        return found;
    }

    private static void Gap(string text, int start, int end, List<Trivia> found)
    {
        var inline = start > 0 && text[start - 1] != '\n';
        for (var at = start; at < end;)
        {
            var stop = text.IndexOf('\n', at, end - at);
            var line = text.AsSpan(at, (stop < 0 ? end : stop) - at);
            var hash = line.IndexOf('#');
            if (hash >= 0) found.Add(new Trivia(at + hash, start, Column(text, at + hash), line[hash..].TrimEnd().ToString(), inline));
            else if (stop >= 0 && !inline) found.Add(new Trivia(at, start, 1, "", false));
            if (stop < 0) return;
            at = stop + 1;
            inline = false;
        }
    }

    /// <summary>
    /// End of what a block scalar holds. The scanner counts blank lines after it as its own even where they mean nothing, and
    /// skips a comment in its first line.
    /// </summary>
    private static int BlockEnd(string text, TokenTrace.Span span, List<Trivia> found)
    {
        var stop = text.IndexOf('\n', span.Start);
        if (stop < 0) stop = text.Length;
        var header = text.AsSpan(span.Start, stop - span.Start);
        var hash = header.IndexOf('#');
        if (hash >= 0) found.Add(new Trivia(span.Start + hash, span.Start, 0, header[hash..].TrimEnd().ToString(), true));
        if ((hash < 0 ? header : header[..hash]).Contains('+')) return span.End;
        var end = Math.Min(span.End, text.Length);
        while (end > stop && text[end - 1] is ' ' or '\t' or '\n') end--;
        var line = text.IndexOf('\n', Math.Max(end - 1, stop));
        return Math.Min(line < 0 ? text.Length : line + 1, Math.Max(span.End, stop));
    }

    private static int Column(string text, int index) => index - (index == 0 ? -1 : text.LastIndexOf('\n', index - 1));
}
