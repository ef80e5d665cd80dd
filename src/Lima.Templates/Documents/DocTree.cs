using System.Collections.Immutable;
using System.Text;
using Lima.Templates.Yaml;

namespace Lima.Templates.Documents;

/// <summary>
/// Turns a document into the immutable tree that rules and defaults read: aliases and <c>&lt;&lt;</c> followed, positions
/// kept, so that a problem names the text and line that a value was written at even after documents were merged.
/// </summary>
internal sealed class DocTree
{
    private readonly ProblemList _problems;
    private readonly Dictionary<DocNode, YamlNode> _anchored = [];
    private int _nodes;

    private DocTree(ProblemList problems) => _problems = problems;

    /// <summary>The tree of a node; null, with a problem, when it is larger than what is read.</summary>
    public static YamlNode? Read(DocNode root, ProblemList problems)
    {
        try
        {
            return new DocTree(problems).Node(root, 1);
        }
        catch (LimitException limit)
        {
            problems.Error(limit.At, "", limit.Message);
            return null;
        }
    }

    private YamlNode Node(DocNode node, int depth)
    {
        Count(depth, 1, node);
        var made = node.Kind switch
        {
            DocKind.Scalar => Scalar(node),
            DocKind.Sequence => new YamlList(At(node), [.. node.Content.Select(item => Node(item, depth + 1))]),
            DocKind.Mapping => Map(node, depth),
            _ => Alias(node, depth),
        };
        if (node.Anchor.Length > 0) _anchored[node] = made;
        return made;
    }

    private YamlNode Alias(DocNode alias, int depth)
    {
        if (alias.Target is not { } target) throw new LimitException(At(alias), $"alias `*{alias.Value}` has no anchor before it");
        if (!_anchored.TryGetValue(target, out var made)) return Node(target, depth);
        Count(depth + made.Height - 1, made.Size, alias);
        return made;
    }

    private YamlScalar Scalar(DocNode node)
    {
        var tag = node.Style.HasFlag(DocStyle.Tagged) ? Full(node.Tag) : "";
        if (node.Tag == "!!binary") return new YamlScalar(At(node), Decode(node), ScalarForm.DoubleQuoted);
        return new YamlScalar(At(node), node.Value, Form(node), tag);
    }

    private static ScalarForm Form(DocNode node) => (node.Style & ~DocStyle.Tagged & ~DocStyle.Flow) switch
    {
        DocStyle.SingleQuoted => ScalarForm.SingleQuoted,
        DocStyle.DoubleQuoted => ScalarForm.DoubleQuoted,
        DocStyle.Literal => ScalarForm.Literal,
        DocStyle.Folded => ScalarForm.Folded,
        // New nodes have a tag and no style yet: the writer will quote them, so they are texts here.
        _ => node.Tag == DocTags.Str && !node.Style.HasFlag(DocStyle.Tagged) && DocTags.Of(node.Value) != DocTags.Str ? ScalarForm.DoubleQuoted : ScalarForm.Plain,
    };

    private string Decode(DocNode node)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(node.Value));
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            _problems.Error(At(node), "", "a `!!binary` value must be base64 of UTF-8 text");
            return "";
        }
    }

    private YamlMap Map(DocNode node, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(node.Content.Count / 2);
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var merges = new List<YamlNode>();
        foreach (var (keyNode, valueNode) in node.Entries())
        {
            var key = Node(keyNode, depth + 1);
            var value = Node(valueNode, depth + 1);
            if (key is not YamlScalar word) _problems.Error(key.At, "", $"a key must be a single word, not {key.Kind}");
            else if (word is { Value: "<<", IsPlain: true }) merges.Add(value);
            else if (lines.TryAdd(word.Value, word.At.Line)) entries.Add(new YamlEntry(word, value));
            else _problems.Error(word.At, word.Value, $"key `{Shown.Value(word.Value)}` is already set in line {lines[word.Value]}");
        }

        foreach (var merge in merges) Merge(merge, node, entries, lines);
        return new YamlMap(At(node), entries.DrainToImmutable());
    }

    /// <summary>The <c>&lt;&lt;</c> key: entries of another map that this one does not set itself.</summary>
    private void Merge(YamlNode from, DocNode at, ImmutableArray<YamlEntry>.Builder into, Dictionary<string, int> lines)
    {
        switch (from)
        {
            case YamlList list when list.Items.All(item => item is YamlMap):
                foreach (var item in list.Items) Merge(item, at, into, lines);
                break;
            case YamlMap map:
                Count(1, map.Entries.Length, at);
                foreach (var entry in map.Entries)
                {
                    if (lines.TryAdd(entry.Key.Value, entry.Key.At.Line)) into.Add(entry);
                }

                break;
            default:
                _problems.Error(from.At, "", $"`<<` must name a map or a list of maps, not {from.Kind}");
                break;
        }
    }

    private void Count(int depth, int nodes, DocNode at)
    {
        _nodes = (int)Math.Min(int.MaxValue, (long)_nodes + nodes);
        if (depth > YamlLimits.DepthMax) throw new LimitException(At(at), $"nested deeper than {YamlLimits.DepthMax} levels");
        if (_nodes > YamlLimits.NodesMax) throw new LimitException(At(at), $"more than {YamlLimits.NodesMax} values, aliases followed");
    }

    private static string Full(string tag) => tag.StartsWith("!!", StringComparison.Ordinal) ? "tag:yaml.org,2002:" + tag[2..] : tag;

    private static Position At(DocNode node) => new(node.File, node.Line, node.Column);

    private sealed class LimitException(Position at, string message) : Exception(message)
    {
        public Position At { get; } = at;
    }
}
