using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Comments as expressions see them: without <c>#</c>.</summary>
internal static class YqComments
{
    /// <summary>A node's comment of a kind (<c>head</c>, <c>line</c>, <c>foot</c>).</summary>
    public static string Read(DocNode node, string kind)
    {
        var comment = kind switch { "head" => node.Lead.Replace("---\n", "", StringComparison.Ordinal) + node.HeadComment, "foot" => node.FootComment.TrimStart('\n'), _ => node.LineComment };
        return string.Join('\n', comment.Split('\n').Select(line => line.StartsWith("# ", StringComparison.Ordinal) ? line[2..] : line));
    }

    /// <summary>Sets a node's comment of a kind, or of all kinds; every line gets a <c>#</c> that has none.</summary>
    public static void Write(DocNode node, string kind, string text)
    {
        if (text.Any(c => c != '\n' && !ScalarLooks.IsPrintable(c))) text = string.Concat(text.Select(c => c == '\n' || ScalarLooks.IsPrintable(c) ? c : ' '));
        var comment = string.Join('\n', text.Split('\n').Select((line, i) => Line(line.TrimEnd(), keepEmpty: text.Length == 0 || i > 0)));
        if (kind is "head" or "all") node.HeadComment = comment;
        if (kind is "head" or "all") node.Lead = "";
        if (kind is "head" or "all" && text.Length == 0) node.BlankLines = 0;
        if (kind is "line" or "all") node.LineComment = comment;
        if (kind is "foot" or "all") node.FootComment = comment;
    }

    private static string Line(string line, bool keepEmpty) =>
        line.StartsWith('#') || (line.Length == 0 && keepEmpty) ? line : line.Length == 0 ? "#" : "# " + line;
}
