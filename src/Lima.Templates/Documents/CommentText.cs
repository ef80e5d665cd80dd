namespace Lima.Templates.Documents;

/// <summary>Comments of several lines as one text.</summary>
internal static class CommentText
{
    /// <summary>Lines joined; blank lines stay, unless they are at the end and not wanted there.</summary>
    public static string Join(IEnumerable<Trivia> lines, bool trimEnd)
    {
        var text = string.Concat(lines.Select(line => line.Text + "\n"));
        return trimEnd ? text.TrimEnd('\n') : text.Length == 0 ? "" : text[..^1];
    }

    public static string Append(string text, string more) => text.Length == 0 ? more : more.Length == 0 ? text : text + "\n" + more;
}
