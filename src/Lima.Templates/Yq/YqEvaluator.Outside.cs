using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Yq.Formats;

namespace Lima.Templates.Yq;

/// <summary>What goes out of a document and comes in: encodings, environment, files.</summary>
internal sealed partial class YqEvaluator
{
    private const string Decoded = "decoded: ";

    private YqContext Encode(YqContext context, YqExpr expression) => Each(context, node =>
    {
        var text = expression.Text switch
        {
            "json" => JsonFormat.Write(Exploded(node), expression.Number),
            "props" => PropsFormat.Write(Exploded(node)),
            "csv" => CsvFormat.Write(Exploded(node), ','),
            "tsv" => CsvFormat.Write(Exploded(node), '\t'),
            "xml" => XmlFormatWriter.Write(Exploded(node), expression.Number),
            "base64" => Convert.ToBase64String(Encoding.UTF8.GetBytes(Plain(node, "base64"))),
            "uri" => ShellFormat.Uri(Plain(node, "URI")),
            "sh" => ShellFormat.Quote(Plain(node, "shell")),
            _ => YqPrinter.Yaml(node, DocFormat.Yq with { Indent = Math.Clamp(expression.Number, 2, 9) }, unwrap: true),
        };
        if (expression is { Text: "json" or "xml", Number: 0 } or { Text: "csv" or "tsv" }) text = text.TrimEnd('\n');
        // What was one line without an end before it was decoded shall be so again.
        else if (context.Variables.GetValueOrDefault(Decoded + Place(node)) is [{ } original] && !original.Value.EndsWith('\n') && text.AsSpan().TrimEnd('\n').Length == text.Length - 1) text = text.TrimEnd('\n');
        return _nodes.ReplaceScalar(node, DocTags.Str, text);
    });

    private static string Place(DocNode node) => $"{Root(node).DocumentIndex} {YqNodes.NicePath(node)}";

    private static string Plain(DocNode node, string format) =>
        node.Kind == DocKind.Scalar && YqNodes.GuessTag(node) == DocTags.Str ? node.Value
        : throw new YqException($"cannot encode {node.Tag} as {format}, can only operate on strings. Please first pipe through another encoding operator to convert the value to a string");

    private YqContext Decode(YqContext context, string format)
    {
        var variables = context;
        var results = new List<DocNode>();
        foreach (var node in context.Nodes)
        {
            variables = variables.Set(Decoded + Place(node), [node]);
            var made = format switch
            {
                "base64" => _nodes.Text(FromBase64(node.Value)),
                "uri" => _nodes.Text(ShellFormat.FromUri(node.Value)),
                _ => Parsed(node.Value, "", format),
            };
            (made.Parent, made.Key, made.IsMapKey) = (node.Parent, node.Key, false);
            results.Add(made);
        }

        return variables.With(results);
    }

    private DocNode Parsed(string text, string source, string format)
    {
        _budget.Chars(text.Length);
        var documents = YqFormats.Read(text, source, YqFormats.Parse(format, out _) ?? YqFormat.Yaml);
        foreach (var document in documents) YqNodes.Link(document.Root);
        if (documents.Count == 1) return _nodes.Copy(documents[0].Root);
        var list = _nodes.Sequence();
        foreach (var document in documents) _nodes.Add(list, document.Root);
        return list;
    }

    private static string FromBase64(string text)
    {
        try
        {
            var compact = string.Concat(text.Where(c => !char.IsWhiteSpace(c))).TrimEnd('=');
            return new UTF8Encoding(false, true).GetString(Convert.FromBase64String(compact.PadRight((compact.Length + 3) / 4 * 4, '=')));
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw new YqException($"`{Yaml.Shown.Value(text)}` is not base64 of UTF-8 text");
        }
    }

    private Func<string, string?> Variables => _security.Environment ?? throw new YqException("env operations have been disabled");

    private YqContext FromEnvironment(YqContext context, string kindAndName)
    {
        var cut = kindAndName.IndexOf(':');
        var name = kindAndName[(cut + 1)..].Trim();
        var value = Variables(name) ?? "";
        if (kindAndName.StartsWith("text", StringComparison.Ordinal)) return context.With(_nodes.Scalar(value, DocTags.Str));
        if (value.Length == 0) throw new YqException($"value for env variable '{name}' not provided in env()");
        return context.With(Parsed(value, "", "yaml"));
    }

    private YqContext SubstituteEnvironment(YqContext context, string options)
    {
        var environment = Variables;
        return Each(context, node =>
        {
            if (node.Tag != DocTags.Str) throw new YqException($"cannot substitute with {node.Tag}, can only substitute strings. Hint: Most often you'll want to use '|=' over '=' for this operation");
            return _nodes.ReplaceScalar(node, DocTags.Str, YqEnvironmentText.Substitute(node.Value, environment, options.Contains("nu", StringComparison.Ordinal), options.Contains("ne", StringComparison.Ordinal), options.Contains("ff", StringComparison.Ordinal)));
        });
    }

    private YqContext Load(YqContext context, YqExpr expression)
    {
        var read = _security.ReadFile ?? throw new YqException("file operations have been disabled");
        var results = new List<DocNode>();
        foreach (var node in context.Nodes.Count == 0 ? [_nodes.Scalar("null", DocTags.Null)] : context.Nodes)
        {
            foreach (var name in Evaluate(context.With(node).AsReadOnly(), expression.Right!).Nodes)
            {
                var text = _budget.Text(Contents(read, name.Value));
                results.Add(expression switch
                {
                    { Op: YqOp.LoadText } => _nodes.Text(text),
                    { Text: "base64" } => _nodes.Text(FromBase64(text)),
                    _ => Parsed(text, name.Value, expression.Text),
                });
            }
        }

        return context.With(results);
    }

    private static string Contents(Func<string, string> read, string path)
    {
        try
        {
            return read(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new YqException($"failed to load {Yaml.Shown.Value(path)}: {error.Message}");
        }
    }
}
