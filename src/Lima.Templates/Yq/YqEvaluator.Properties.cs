using System.Text.RegularExpressions;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>What nodes have besides their value: style, tag, anchor, comments, place.</summary>
internal sealed partial class YqEvaluator
{
    private YqContext? ApplyProperty(YqContext context, YqExpr expression) => expression.Op switch
    {
        YqOp.Style => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Str, StyleName(node.Style))),
        YqOp.Tag => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Str, node.Kind == DocKind.Alias ? "" : node.Tag)),
        YqOp.Kind => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Str, node.Kind switch { DocKind.Mapping => "map", DocKind.Sequence => "seq", DocKind.Alias => "alias", _ => "scalar" })),
        YqOp.Anchor => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Str, node.Anchor)),
        YqOp.Alias => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Str, node.Value)),
        YqOp.Line => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Int, node.Line.ToString())),
        YqOp.Column => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Int, node.Column.ToString())),
        YqOp.Comment => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Str, YqComments.Read(node, expression.Text))),
        YqOp.DocumentIndex => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Int, Root(node).DocumentIndex.ToString())),
        YqOp.FileIndex => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Int, Root(node).FileIndex.ToString())),
        YqOp.FileName => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Str, Root(node).File)),
        YqOp.SplitDocument => SplitDocuments(context),
        YqOp.AssignStyle => AssignProperty(context, expression, (node, text) => node.Style = StyleOf(text)),
        YqOp.AssignTag => AssignProperty(context, expression, SetTag),
        YqOp.AssignAnchor => AssignProperty(context, expression, SetAnchor),
        YqOp.AssignAlias => AssignProperty(context, expression, SetAlias),
        YqOp.AssignComment => AssignProperty(context, expression, (node, text) => YqComments.Write(node, expression.Text, text)),
        YqOp.Explode => Explode(context, expression.Right!),
        _ => null,
    };

    private YqContext AssignProperty(YqContext context, YqExpr expression, Action<DocNode, string> set)
    {
        var targets = Evaluate(context, expression.Left!);
        var text = expression.Flag ? "" : ArgumentText(context, expression.Right!);
        foreach (var node in targets.Nodes)
        {
            if (expression.Flag && Evaluate(context.With(node).AsReadOnly(), expression.Right!).First is { } value) text = value.Value;
            set(node, _budget.Text(text));
        }

        return context;
    }

    private static DocNode Root(DocNode node)
    {
        while (node.Parent is { } parent) node = parent;
        return node;
    }

    private static string StyleName(DocStyle style) => style switch
    {
        DocStyle.None => "",
        DocStyle.Tagged => "tagged",
        DocStyle.DoubleQuoted => "double",
        DocStyle.SingleQuoted => "single",
        DocStyle.Literal => "literal",
        DocStyle.Folded => "folded",
        DocStyle.Flow => "flow",
        _ => "<unknown>",
    };

    private static DocStyle StyleOf(string name) => name switch
    {
        "" => DocStyle.None,
        "tagged" => DocStyle.Tagged,
        "double" => DocStyle.DoubleQuoted,
        "single" => DocStyle.SingleQuoted,
        "literal" => DocStyle.Literal,
        "folded" => DocStyle.Folded,
        "flow" => DocStyle.Flow,
        _ => throw new YqException($"unknown style {name}"),
    };

    private static void SetTag(DocNode node, string tag)
    {
        if (!IsTag().IsMatch(tag)) throw new YqException($"`{Yaml.Shown.Value(tag)}` is not a tag");
        node.Tag = tag;
        if (tag.Length == 0) node.Tag = node.Kind switch { DocKind.Mapping => DocTags.Map, DocKind.Sequence => DocTags.Seq, _ => DocTags.Of(node.Value) };
    }

    private static void SetAnchor(DocNode node, string name)
    {
        if (name.Any(c => c is ' ' or ',' or '[' or ']' or '{' or '}' || char.IsControl(c))) throw new YqException($"`{Yaml.Shown.Value(name)}` is not a name of an anchor");
        node.Anchor = name;
    }

    private static void SetAlias(DocNode node, string name)
    {
        if (name.Length == 0) return;
        SetAnchor(node, name);
        node.Anchor = "";
        node.Content.Clear();
        (node.Kind, node.Value, node.Target) = (DocKind.Alias, name, null);
        var stack = new Stack<DocNode>([Root(node)]);
        while (stack.TryPop(out var at) && node.Target is null)
        {
            if (at.Anchor == name && !ReferenceEquals(at, node)) node.Target = at;
            foreach (var child in at.Content) stack.Push(child);
        }
    }

    private static YqContext SplitDocuments(YqContext context)
    {
        for (var i = 0; i < context.Nodes.Count; i++) (context.Nodes[i].DocumentIndex, context.Nodes[i].Parent) = (i, null);
        return context;
    }

    private YqContext Explode(YqContext context, YqExpr argument)
    {
        foreach (var node in context.Nodes)
        {
            foreach (var target in Evaluate(context.With(node), argument).Nodes) Explode(target, 0);
        }

        return context;
    }

    /// <summary>A copy without aliases, for formats that have none.</summary>
    internal DocNode Exploded(DocNode node)
    {
        var copy = _nodes.Copy(node);
        Explode(copy, 0);
        return copy;
    }

    private void Explode(DocNode node, int depth)
    {
        _budget.Node(depth);
        node.Anchor = "";
        if (node.Kind == DocKind.Alias)
        {
            if (node.Target is null) return;
            var target = Dereferenced(node);
            var children = target.Content.ToArray();
            (node.Kind, node.Style, node.Tag, node.Value, node.Target) = (target.Kind, target.Style, target.Tag, target.Value, null);
            _nodes.AddAll(node, children);
        }

        if (node.Kind == DocKind.Mapping && node.Entries().Any(entry => entry.Key.Tag == DocTags.Merge)) Unmerge(node);
        foreach (var child in node.Content) Explode(child, depth + 1);
    }

    /// <summary>Puts the entries of merged maps where their <c>&lt;&lt;</c> stands; what is merged in takes over what was before it.</summary>
    private void Unmerge(DocNode map)
    {
        var entries = map.Entries().ToArray();
        map.Content.Clear();
        for (var i = 0; i < entries.Length; i++)
        {
            var (key, value) = entries[i];
            if (key.Tag != DocTags.Merge)
            {
                Put(map, key, value);
                continue;
            }

            var merged = Dereferenced(value);
            var maps = merged.Kind == DocKind.Sequence ? merged.Content : [merged];
            for (var at = maps.Count - 1; at >= 0; at--)
            {
                // A key that follows keeps its place; of lists of maps yq sees that for every second one only.
                var seenFrom = merged.Kind != DocKind.Sequence ? i + 1 : at % 2 == 0 ? (at / 2) + 1 : entries.Length;
                var later = entries[Math.Min(seenFrom, entries.Length)..].Where(entry => entry.Key.Tag != DocTags.Merge).Select(entry => entry.Key.Value).ToHashSet(StringComparer.Ordinal);
                var from = Dereferenced(maps[at]);
                if (from.Kind != DocKind.Mapping) throw new YqException($"can only use merge anchors with maps (!!map) or sequences (!!seq) of maps, but got sequence containing {from.Tag}");
                var copy = _nodes.Copy(from);
                Explode(copy, YqNodes.Depth(map));
                foreach (var (name, inner) in copy.Entries().ToArray())
                {
                    if (!later.Contains(name.Value)) Put(map, name, inner);
                }
            }
        }
    }

    private void Put(DocNode map, DocNode key, DocNode value)
    {
        _budget.Scan(map.Content.Count);
        var at = map.IndexOf(key.Value);
        if (at < 0) _nodes.Add(map, key, value);
        else
        {
            var copy = _nodes.Copy(value);
            (copy.Parent, copy.Key) = (map, map.Content[at]);
            map.Content[at + 1] = copy;
        }
    }

    [GeneratedRegex("^(!{1,2}[A-Za-z0-9_./:-]+|tag:[A-Za-z0-9_.,/:-]+|)$", RegexOptions.NonBacktracking)]
    private static partial Regex IsTag();
}
