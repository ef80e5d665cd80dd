using System.Text;
using Lima.Templates.Documents;

namespace Lima.Templates.Tests.Documents;

/// <summary>Documents of tests.</summary>
internal static class Docs
{
    public static IReadOnlyList<DocFile> Read(string text)
    {
        var problems = new ProblemList("test.yaml");
        var read = DocReader.Read(text, "test.yaml", problems);
        Assert.True(read is not null, string.Join("\n", problems.Errors));
        return read;
    }

    public static DocNode Root(string text) => Read(text)[0].Root;

    /// <summary>Content without comments and styles.</summary>
    public static string Dump(IReadOnlyList<DocFile> documents)
    {
        var text = new StringBuilder();
        foreach (var document in documents) Dump(document.Root, text).Append('\n');
        return text.ToString();
    }

    private static StringBuilder Dump(DocNode node, StringBuilder text)
    {
        text.Append(node.Kind).Append(' ').Append(node.Tag).Append(node.Anchor.Length > 0 ? " &" + node.Anchor : "").Append(" «").Append(node.IsNull ? "" : node.Value).Append('»');
        if (node.Content.Count == 0) return text;
        text.Append('(');
        foreach (var child in node.Content) Dump(child, text).Append(';');
        return text.Append(')');
    }

    public static string FirstDifference(string expected, string actual)
    {
        var (a, b) = (expected.Split('\n'), actual.Split('\n'));
        for (var i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            if (i >= a.Length || i >= b.Length || a[i] != b[i]) return $"line {i + 1}: «{(i < a.Length ? a[i] : "(end)")}» became «{(i < b.Length ? b[i] : "(end)")}»";
        }

        return "none";
    }
}
