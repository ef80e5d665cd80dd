using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Ways from node to node.</summary>
internal sealed partial class YqEvaluator
{
    private YqContext? ApplyPath(YqContext context, YqExpr expression) => expression.Op switch
    {
        YqOp.Path => context.With(context.Nodes.SelectMany(node => Follow(context, node, expression.Text, expression.Flag)).ToList()),
        YqOp.Index => Index(context, expression),
        YqOp.Descend => context.With(Descend(context, context.Nodes, keys: false, lists: true)),
        YqOp.DescendKeys => context.With(Descend(context, context.Nodes, keys: true, lists: true)),
        YqOp.Parent => context.With(context.Nodes.Select(node => Ancestor(node, expression.Text == "root" ? -1 : expression.Number)).OfType<DocNode>().ToList()),
        YqOp.Parents => Each(context, Parents),
        YqOp.PathOf => Each(context, PathList),
        YqOp.SetPath => SetPath(context, expression.Right!),
        YqOp.DeletePaths => DeletePaths(context, expression.Right!),
        YqOp.KeyOf => context.With(context.Nodes.Select(node => node.Key).OfType<DocNode>().ToList()),
        YqOp.Keys => Each(context, Keys),
        _ => null,
    };

    /// <summary>The value behind a key, or an index, of one node.</summary>
    private List<DocNode> Follow(YqContext context, DocNode from, string key, bool optional)
    {
        var node = Dereferenced(from);
        if (node.Tag == DocTags.Null && !context.ReadOnly && node.Kind == DocKind.Scalar) Become(node, DocKind.Mapping);
        return node.Kind switch
        {
            DocKind.Mapping => Lookup(context, node, _nodes.Text(key), exact: false),
            DocKind.Sequence => At(node, key, optional) is { } item ? [item] : [],
            _ => [],
        };
    }

    private static DocNode Dereferenced(DocNode node)
    {
        var found = node.Resolved;
        return found.Kind == DocKind.Alias ? throw new YqException("alias cycle detected") : found;
    }

    /// <summary>Makes a list or a map of what was nothing.</summary>
    private static void Become(DocNode node, DocKind kind) => (node.Kind, node.Tag, node.Value) = (kind, kind == DocKind.Mapping ? DocTags.Map : DocTags.Seq, "");

    private YqContext Index(YqContext context, YqExpr expression)
    {
        var from = Evaluate(context, expression.Left!);
        if (expression.Right!.Op == YqOp.Entry) return Slice(from, expression.Right);
        var indexes = expression.Right.Op == YqOp.Nothing ? [] : Collect(context.AsReadOnly(), expression.Right).First!.Content;
        if (expression.Right.Op != YqOp.Nothing && indexes.Count == 0) return context.With(Splat(from));
        return context.With(from.Nodes.SelectMany(node => Pick(from, node, indexes, expression.Flag)).ToList());
    }

    private List<DocNode> Splat(YqContext context) => context.Nodes.SelectMany(node => Children(context, node)).ToList();

    /// <summary>Items of a list, values of a map with what is merged in by <c>&lt;&lt;</c>; nothing of a scalar.</summary>
    private List<DocNode> Children(YqContext context, DocNode node) => Pick(context, node, [], optional: true);

    private List<DocNode> Pick(YqContext context, DocNode from, List<DocNode> indexes, bool optional)
    {
        var node = Dereferenced(from);
        if (node is { Tag: DocTags.Null, Kind: DocKind.Scalar }) Become(node, indexes.Count > 0 && indexes[0].Tag != DocTags.Int ? DocKind.Mapping : DocKind.Sequence);
        return (node.Kind, indexes.Count) switch
        {
            (DocKind.Sequence, 0) => [.. node.Content],
            (DocKind.Sequence, _) => indexes.Select(index => At(node, index.Value, optional)).OfType<DocNode>().ToList(),
            (DocKind.Mapping, 0) => Found(node, null, exact: false, follow: true, keys: false),
            (DocKind.Mapping, _) => indexes.SelectMany(index => Lookup(context, node, index, exact: false)).ToList(),
            _ => [],
        };
    }

    /// <summary>An item of a list, which grows by nulls up to it; null when the index is none and that is to be ignored.</summary>
    private DocNode? At(DocNode list, string index, bool optional)
    {
        if (YqNumbers.Integer(index) is not { } number) return optional ? null : throw new YqException($"cannot index array with '{index}'");
        if (number >= list.Content.Count && list.Content.Count == 0) list.Style = DocStyle.None;
        while (number >= list.Content.Count) _nodes.Add(list, _nodes.Scalar("null", DocTags.Null));
        if (number < 0) number += list.Content.Count;
        if (number < 0) throw new YqException($"index [{index}] out of range, array size is {list.Content.Count}");
        return list.Content[(int)number];
    }

    /// <summary>Values of the keys that match, which is made when there is none and the context allows it.</summary>
    private List<DocNode> Lookup(YqContext context, DocNode map, DocNode key, bool exact)
    {
        var found = Found(map, key.Value, exact, follow: true, keys: false);
        if (found.Count > 0 || context.ReadOnly) return found;
        if (map.Content.Count == 0) map.Style = DocStyle.None;
        return [_nodes.Add(map, key, _nodes.Scalar("null", DocTags.Null)).Value];
    }

    /// <summary>Values (and keys) whose key matches; all when no key is given.</summary>
    private List<DocNode> Found(DocNode map, string? wanted, bool exact, bool follow, bool keys)
    {
        var found = new List<DocNode>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        Find(map, 0);
        return found;

        void Find(DocNode from, int depth)
        {
            if (depth > YqLimits.ResultDepthMax) throw new YqException("alias cycle detected");
            _budget.Scan(1 + from.Content.Count);
            foreach (var (key, value) in from.Entries())
            {
                if (follow && key.Tag == DocTags.Merge && key.Value != wanted)
                {
                    var merged = Dereferenced(value);
                    foreach (var one in merged.Kind == DocKind.Sequence ? merged.Content : [merged]) Find(Dereferenced(one), depth + 1);
                }
                else if (wanted is null || (exact ? key.Value == wanted : YqGlob.Matches(key.Value, wanted, _budget)))
                {
                    if (keys) found.Add(key);
                    // What comes later wins, in the place of what it takes over.
                    if (places.TryGetValue(key.Value, out var at) && !keys) found[at] = value;
                    else
                    {
                        places[key.Value] = found.Count;
                        found.Add(value);
                    }
                }
            }
        }
    }

    private List<DocNode> Descend(YqContext context, List<DocNode> from, bool keys, bool lists)
    {
        var results = new List<DocNode>();
        foreach (var node in from) Into(node);
        return results;

        void Into(DocNode node)
        {
            _budget.Step(1);
            results.Add(node);
            if (node.Kind == DocKind.Mapping)
            {
                foreach (var child in keys ? node.Content : Found(node, null, exact: false, follow: false, keys: false)) Into(child);
            }
            else if (node.Kind == DocKind.Sequence && lists)
            {
                foreach (var child in node.Content) Into(child);
            }
        }
    }

    private YqContext Slice(YqContext context, YqExpr range) => Each(context, node =>
    {
        var (from, to) = (Bound(context, node, range.Left!), Bound(context, node, range.Right!));
        if (node.Kind == DocKind.Scalar && YqNodes.GuessTag(node) == DocTags.Str)
        {
            var runes = node.Value.EnumerateRunes().ToArray();
            var (first, last) = (Clamp(from, runes.Length), Clamp(to, runes.Length));
            var cut = _nodes.ReplaceScalar(node, node.Tag, string.Concat(runes[first..Math.Max(first, last)]));
            cut.Style = node.Style;
            return cut;
        }

        var list = _nodes.Replace(node, DocKind.Sequence, node.Tag == DocTags.Null ? DocTags.Seq : node.Tag, "");
        for (var i = Clamp(from, node.Content.Count); i < Clamp(to, node.Content.Count); i++) _nodes.Add(list, node.Content[i]);
        return list;
    });

    private long Bound(YqContext context, DocNode node, YqExpr expression)
    {
        var result = Evaluate(context.With(node), expression);
        if (result.Nodes.Count != 1) throw new YqException($"expected to find 1 number, got {result.Nodes.Count} instead");
        return YqNumbers.Integer(result.Nodes[0].Value) ?? throw new YqException($"a slice needs whole numbers, not {Yaml.Shown.Value(result.Nodes[0].Value)}");
    }

    private static int Clamp(long index, int length) => (int)Math.Clamp(index < 0 ? index + length : index, 0, length);

    private static DocNode? Ancestor(DocNode node, int levels)
    {
        if (levels < 0)
        {
            var count = 0;
            for (var at = node.Parent; at is not null; at = at.Parent) count++;
            levels = Math.Max(0, count + levels + 1);
        }

        DocNode? found = node;
        for (; levels > 0 && found is not null; levels--) found = found.Parent;
        return found;
    }

    private DocNode Parents(DocNode node)
    {
        var list = _nodes.Sequence();
        for (var at = node.Parent; at is not null; at = at.Parent) _nodes.Add(list, at);
        return list;
    }

    private DocNode PathList(DocNode node)
    {
        var list = _nodes.Replace(node, DocKind.Sequence, DocTags.Seq, "");
        foreach (var key in YqNodes.PathOf(node)) _nodes.Add(list, _nodes.Scalar(key.Value, key.Tag == DocTags.Int ? DocTags.Int : DocTags.Str));
        return list;
    }

    private DocNode Keys(DocNode node)
    {
        if (node.Kind is not (DocKind.Mapping or DocKind.Sequence)) throw new YqException($"cannot get keys of {node.Tag}, keys only works for maps and arrays");
        var list = _nodes.Sequence();
        if (node.Kind == DocKind.Mapping)
        {
            foreach (var (key, _) in node.Entries()) AddResults(list, YqContext.Of([key]));
        }
        else
        {
            for (var i = 0; i < node.Content.Count; i++) _nodes.Add(list, _nodes.Scalar(i.ToString(), DocTags.Int));
        }

        return list;
    }

    private YqContext SetPath(YqContext context, YqExpr block)
    {
        if (block.Op != YqOp.Block) throw new YqException("SETPATH must be given a block (;)");
        var paths = Evaluate(context.AsReadOnly(), block.Left!);
        if (paths.Nodes.Count != 1) throw new YqException($"SETPATH: expected single path but found {paths.Nodes.Count} results instead");
        var way = Way("SETPATH", paths.Nodes[0]);
        foreach (var node in context.Nodes)
        {
            var values = Evaluate(context.With(node).AsReadOnly(), block.Right!);
            if (values.Nodes.Count != 1) throw new YqException($"SETPATH: expected single value on RHS but found {values.Nodes.Count}");
            foreach (var target in Evaluate(context.With(node), way).Nodes) _nodes.Update(target, values.Nodes[0], clobber: false, keepAnchor: false);
        }

        return context;
    }

    private YqContext DeletePaths(YqContext context, YqExpr argument)
    {
        var paths = Evaluate(context.AsReadOnly(), argument);
        if (paths.Nodes.Count != 1) throw new YqException($"DELPATHS: expected single value but found {paths.Nodes.Count}");
        if (paths.Nodes[0].Kind != DocKind.Sequence) throw new YqException($"DELPATHS: expected a sequence of sequences, but found {paths.Nodes[0].Tag}");
        for (var i = 0; i < paths.Nodes[0].Content.Count; i++)
        {
            var path = paths.Nodes[0].Content[i];
            if (path.Kind != DocKind.Sequence) throw new YqException($"DELPATHS: expected entry [{i}] to be a sequence, but its a {path.Tag}. Note that delpaths takes an array of path arrays, e.g. [[\"a\", \"b\"]]");
            context = Delete(context, Way("DELPATHS", path));
        }

        return context;
    }

    /// <summary>A list of keys and indexes as an expression.</summary>
    private static YqExpr Way(string name, DocNode path)
    {
        if (path.Kind != DocKind.Sequence) throw new YqException($"{name}: expected path array, but got {path.Tag} instead");
        YqExpr? way = null;
        foreach (var key in path.Content)
        {
            if (key.Tag is not (DocTags.Str or DocTags.Int)) throw new YqException($"{name}: expected either a !!str or !!int in the path, found {key.Tag} instead");
            YqExpr step = key.Tag == DocTags.Str ? new(YqOp.Path, key.Value) : new(YqOp.Index, Left: new(YqOp.Self), Right: new(YqOp.Value) { Value = key });
            way = way is null ? step : new YqExpr(YqOp.Pipe, Left: way, Right: step);
        }

        return way ?? new YqExpr(YqOp.Self);
    }
}
