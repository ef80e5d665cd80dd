using System.Text;

namespace Lima.Cli.Reference;

/// <summary>Writes a page in the language of <c>man</c>; see man(7).</summary>
internal static class ManPage
{
    /// <summary>The whole page.</summary>
    public static string Write(ReferencePage page)
    {
        var text = new StringBuilder();
        text.Append($".TH \"{page.Name.ToUpperInvariant()}\" \"1\" \"\" \"limactl {CliApp.Version}\" \"\"\n");
        text.Append($".SH NAME\n{Escape(page.Name)} \\- {Escape(page.Summary)}\n");
        text.Append($".SH SYNOPSIS\n.B {Escape(page.Usage)}\n");
        Table(text, "ARGUMENTS", page.Arguments);
        Table(text, "OPTIONS", page.Options);
        if (page.Examples.Count > 0)
        {
            text.Append(".SH EXAMPLES\n.nf\n");
            foreach (var example in page.Examples) text.Append(Escape(example)).Append('\n');
            text.Append(".fi\n");
        }

        if (page.SeeAlso.Count > 0) text.Append($".SH SEE ALSO\n{string.Join(",\n", page.SeeAlso.Select(name => $"\\fB{Escape(name)}\\fP(1)"))}\n");
        return text.ToString();
    }

    private static void Table(StringBuilder text, string title, IReadOnlyList<(string Left, string Right)> rows)
    {
        if (rows.Count == 0) return;
        text.Append($".SH {title}\n");
        foreach (var (left, right) in rows) text.Append($".TP\n\\fB{Escape(left)}\\fP\n{Escape(right)}\n");
    }

    // A dot or an apostrophe at the start of a line would be taken for a request, a minus for a hyphen.
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e").Replace("-", "\\-");
        return escaped is ['.' or '\'', ..] ? "\\&" + escaped : escaped;
    }
}
