using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Yq.Formats;

namespace Lima.Templates.Yq;

/// <summary>How results are printed.</summary>
/// <param name="Format">The format.</param>
/// <param name="Indent">Spaces a level; for JSON 0 is one line.</param>
/// <param name="Unwrap">Whether scalars are printed without quotes; null for what the format usually does.</param>
/// <param name="Separators">Whether <c>---</c> stands between documents.</param>
public sealed record YqPrinting(YqFormat Format = YqFormat.Yaml, int Indent = 2, bool? Unwrap = null, bool Separators = true)
{
    /// <summary>Layout of YAML; <see cref="Indent"/> replaces the one it has.</summary>
    public DocFormat Layout { get; init; } = DocFormat.Yq;
}

/// <summary>Prints results one after the other.</summary>
public sealed class YqPrinter(YqPrinting printing)
{
    private (int Document, int File)? _last;

    /// <summary>Text of results.</summary>
    internal string Print(IReadOnlyList<DocNode> nodes)
    {
        var to = new StringBuilder();
        foreach (var node in nodes)
        {
            var root = node;
            while (root.Parent is { } parent) root = parent;
            var place = (root.DocumentIndex, root.FileIndex);
            if (printing is { Format: YqFormat.Yaml, Separators: true } && _last is { } last && last != place && !node.Lead.StartsWith("---", StringComparison.Ordinal)) to.Append("---\n");
            _last = place;
            to.Append(Text(node));
            if (to.Length > YqLimits.CharsMax) throw new YqException($"the result is larger than {YqLimits.CharsMax >> 20} MiB");
        }

        return to.ToString();
    }

    private string Text(DocNode node)
    {
        var unwrap = printing.Unwrap ?? printing.Format is not YqFormat.Json;
        if (printing.Format != YqFormat.Yaml) node = new YqEvaluator(YqSecurity.Restricted, CancellationToken.None).Exploded(node);
        switch (printing.Format)
        {
            case YqFormat.Json:
                return unwrap && node.Kind == DocKind.Scalar ? node.Value + "\n" : JsonFormat.Write(node, printing.Indent);
            case YqFormat.Props:
                return PropsFormat.Write(node);
            case YqFormat.Csv or YqFormat.Tsv:
                return CsvFormat.Write(node, printing.Format == YqFormat.Csv ? ',' : '\t');
            case YqFormat.Xml:
                return XmlFormatWriter.Write(node, printing.Indent) is var xml && xml.EndsWith('\n') ? xml : xml + "\n";
            case YqFormat.Toml:
                return TomlWriter.Write(node);
            case YqFormat.Ini:
                return IniFormat.Write(node);
            default:
                var lead = printing.Separators ? node.Lead : node.Lead.Replace("---\n", "", StringComparison.Ordinal);
                return lead + Yaml(node, printing.Layout with { Indent = Math.Clamp(printing.Indent, 2, 9) }, unwrap);
        }
    }

    /// <summary>One result as YAML. What was before an entry of a larger document is not printed with its value.</summary>
    internal static string Yaml(DocNode node, DocFormat layout, bool unwrap)
    {
        if (node.Kind == DocKind.Scalar && unwrap)
        {
            if (node.Parent is not null) return node.Value + "\n";
            if (node is { IsNull: true, Value.Length: 0 }) return DocWriter.Write(node, layout);
            return (node.HeadComment.Length > 0 ? node.HeadComment + "\n" : "") + node.Value + "\n";
        }

        var blank = node.BlankLines;
        if (node.Parent is not null) node.BlankLines = 0;
        try
        {
            return DocWriter.Write(node, layout);
        }
        catch (DocTooLargeException)
        {
            throw new YqException($"the result is larger than {DocWriter.CharsMax >> 20} MiB");
        }
        finally
        {
            node.BlankLines = blank;
        }
    }
}
