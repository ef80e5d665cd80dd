using System.Text;

namespace Lima.Cli.Reference;

/// <summary>Writes a page as Markdown with a front matter, for the site generator Hugo and its theme Docsy.</summary>
internal static class MarkdownPage
{
    /// <summary>The whole page.</summary>
    public static string Write(ReferencePage page)
    {
        var title = page.Name == "limactl" ? page.Name : page.Name["limactl-".Length..].Replace('-', ' ');
        var text = new StringBuilder($"---\ntitle: {title}\nweight: 3\n---\n## {page.Name.Replace('-', ' ')}\n\n{Escape(page.Summary)}\n\n");
        Block(text, [page.Usage]);
        Table(text, "Arguments", page.Arguments);
        Table(text, "Options", page.Options);
        if (page.Examples.Count > 0)
        {
            text.Append("\n### Examples\n\n");
            Block(text, page.Examples);
        }

        if (page.SeeAlso.Count > 0) text.Append($"\n### See also\n\n{string.Concat(page.SeeAlso.Select(name => $"* [{name.Replace('-', ' ')}](../{FileName(name)})\n"))}");
        return text.ToString();
    }

    /// <summary>Name of a page's file, without extension.</summary>
    public static string FileName(string name) => name.Replace('-', '_');

    private static void Block(StringBuilder text, IReadOnlyList<string> lines) => text.Append($"```\n{string.Concat(lines.Select(line => line + "\n"))}```\n");

    private static void Table(StringBuilder text, string title, IReadOnlyList<(string Left, string Right)> rows)
    {
        if (rows.Count == 0) return;
        text.Append($"\n### {title}\n\n");
        foreach (var (left, right) in rows) text.Append($"* `{left}`: {Escape(right)}\n");
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\").Replace("*", "\\*").Replace("_", "\\_").Replace("<", "&lt;");
}
