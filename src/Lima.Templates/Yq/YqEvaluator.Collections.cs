using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>What chooses, orders and reshapes the items of lists and the entries of maps.</summary>
internal sealed partial class YqEvaluator
{
    private YqContext? ApplyCollection(YqContext context, YqExpr expression) => expression.Op switch
    {
        YqOp.Length => Each(context, node => _nodes.ReplaceScalar(node, DocTags.Int, Length(node).ToString())),
        YqOp.Select => context.With(context.Nodes.FindAll(node => Passes(context, node, expression.Right!))),
        YqOp.Map => Each(context, node => Map(context, node, expression.Right!)),
        YqOp.MapValues => MapValues(context, expression.Right!),
        YqOp.Filter => Each(context, node => Filter(context, node, expression.Right!)),
        YqOp.Pick => Each(context, node => PickKeys(node, Evaluate(context, expression.Right!).First)),
        YqOp.Omit => Omit(context, Evaluate(context, expression.Right!).First),
        YqOp.First => First(context, expression.Right),
        YqOp.ToEntries => context.With(context.Nodes.Select(ToEntries).OfType<DocNode>().ToList()),
        YqOp.FromEntries => Each(context, FromEntries),
        YqOp.WithEntries => WithEntries(context, expression.Right!),
        YqOp.ArrayToMap => Each(context, ArrayToMap),
        YqOp.Flatten => Flatten(context, expression.Number),
        YqOp.GroupBy => Each(context, node => GroupBy(context, node, expression.Right!)),
        YqOp.Unique => Each(context, node => Unique(context, node, new YqExpr(YqOp.Self))),
        YqOp.UniqueBy => Each(context, node => Unique(context, node, expression.Right!)),
        YqOp.Sort => Each(context, node => SortBy(context, node, new YqExpr(YqOp.Self))),
        YqOp.SortBy => Each(context, node => SortBy(context, node, expression.Right!)),
        YqOp.SortKeys => SortKeys(context, expression.Right!),
        YqOp.Reverse => Each(context, Reverse),
        YqOp.Pivot => Each(context, Pivot),
        _ => null,
    };

    private static int Length(DocNode node) => node.Kind switch
    {
        DocKind.Mapping => node.Content.Count / 2,
        DocKind.Sequence => node.Content.Count,
        DocKind.Scalar when node.Tag != DocTags.Null => System.Text.Encoding.UTF8.GetByteCount(node.Value),
        _ => 0,
    };

    private bool Passes(YqContext context, DocNode node, YqExpr condition) =>
        Evaluate(context.With(node).AsReadOnly(), condition).Nodes.Exists(IsTrue);

    private static DocNode List(DocNode node, string what) => node.Kind == DocKind.Sequence ? node : throw new YqException($"only arrays are supported for {what}");

    private DocNode Map(YqContext context, DocNode node, YqExpr expression)
    {
        var children = Children(context, node);
        if (children.Count == 0) return _nodes.Copy(node);
        var list = _nodes.Sequence();
        AddResults(list, Evaluate(context.With(children), expression));
        list.Style = node.Style;
        return list;
    }

    private YqContext MapValues(YqContext context, YqExpr expression)
    {
        foreach (var node in context.Nodes) Update(context, Children(context, node), new YqExpr(YqOp.Update, Right: expression));
        return context;
    }

    private DocNode Filter(YqContext context, DocNode node, YqExpr condition)
    {
        var list = _nodes.Sequence();
        AddResults(list, context.With(Children(context, node).FindAll(child => Passes(context, child, condition))));
        list.Style = node.Style;
        return list;
    }

    private DocNode PickKeys(DocNode node, DocNode? wanted)
    {
        var picked = _nodes.CopyAlone(node);
        foreach (var key in wanted?.Content ?? [])
        {
            if (node.Kind == DocKind.Mapping)
            {
                if (YqEquality.FindKey(node, key, _budget) is >= 0 and var at) _nodes.Add(picked, node.Content[at], node.Content[at + 1]);
            }
            else if (node.Kind == DocKind.Sequence)
            {
                var index = YqNumbers.Integer(key.Value) ?? throw new YqException($"cannot index array with {key.Value}");
                if (index >= 0 && index < node.Content.Count) _nodes.Add(picked, node.Content[(int)index]);
            }
        }

        return node.Kind is DocKind.Mapping or DocKind.Sequence ? picked : throw new YqException($"cannot pick indices from type {node.Tag} ({YqNodes.NicePath(node)})");
    }

    private YqContext Omit(YqContext context, DocNode? unwanted)
    {
        if (unwanted is null || unwanted.Content.Count == 0) return context;
        return Each(context, node =>
        {
            if (node.Kind is not (DocKind.Mapping or DocKind.Sequence)) return node;
            var rest = _nodes.CopyAlone(node);
            for (var i = 0; i < node.Content.Count; i += node.Kind == DocKind.Mapping ? 2 : 1)
            {
                var key = node.Kind == DocKind.Mapping ? node.Content[i] : YqNodes.IndexKey(i, node);
                if (unwanted.Content.Exists(other => YqEquality.Same(other, key, _budget))) continue;
                if (node.Kind == DocKind.Mapping) _nodes.Add(rest, key, node.Content[i + 1]);
                else _nodes.Add(rest, node.Content[i]);
            }

            return rest;
        });
    }

    private YqContext First(YqContext context, YqExpr? condition)
    {
        var results = new List<DocNode>();
        foreach (var node in context.Nodes)
        {
            var found = condition is null ? node.Content.FirstOrDefault() : Children(context, node).Find(child => Evaluate(context.With(child), condition).Nodes.Exists(IsTrue));
            if (found is not null) results.Add(found);
        }

        return context.With(results);
    }

    private YqContext Flatten(YqContext context, int depth)
    {
        foreach (var node in context.Nodes)
        {
            var flat = new List<DocNode>();
            Into(List(node, "flatten"), depth);
            node.Content.Clear();
            _nodes.AddAll(node, flat);

            void Into(DocNode list, int levels)
            {
                foreach (var item in list.Content)
                {
                    if (item.Kind == DocKind.Sequence && levels != 0) Into(item, levels - 1);
                    else flat.Add(item);
                }
            }
        }

        return context;
    }

    private DocNode GroupBy(YqContext context, DocNode node, YqExpr by)
    {
        var groups = new Dictionary<string, DocNode>(StringComparer.Ordinal);
        var list = _nodes.Replace(node, DocKind.Sequence, DocTags.Seq, "");
        var order = new List<DocNode>();
        foreach (var item in List(node, "group by").Content)
        {
            var key = Evaluate(context.With(item).AsReadOnly(), by).First?.Value ?? "null";
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = _nodes.Sequence();
                order.Add(group);
            }

            _nodes.Add(group, item);
        }

        _nodes.AddAll(list, order);
        return list;
    }

    private DocNode Unique(YqContext context, DocNode node, YqExpr by)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var list = WithComments(node, _nodes.Replace(node, DocKind.Sequence, DocTags.Seq, ""));
        list.Style = node.Style;
        foreach (var item in List(node, "unique").Content)
        {
            var key = Evaluate(context.With(item).AsReadOnly(), by).First;
            if (seen.Add(key is null ? "null" : key.Kind == DocKind.Scalar ? key.Value : _budget.Text(YqPrinter.Yaml(key, DocFormat.Yq, unwrap: false)))) _nodes.Add(list, item);
        }

        return list;
    }

    private DocNode SortBy(YqContext context, DocNode node, YqExpr by)
    {
        if (node.Kind is not (DocKind.Sequence or DocKind.Mapping)) throw new YqException($"node at path [{YqNodes.NicePath(node)}] is not an array or map (it's a {node.Tag})");
        var values = node.Kind == DocKind.Sequence ? node.Content : node.Entries().Select(entry => entry.Value).ToList();
        var keyed = values.ConvertAll(value => (Node: value, Keys: Evaluate(context.With(value).AsReadOnly(), by).Nodes));
        var sorted = _nodes.CopyAlone(node);
        foreach (var (value, _) in keyed.OrderBy(pair => pair.Keys, Comparer<List<DocNode>>.Create(CompareKeys)))
        {
            if (node.Kind == DocKind.Sequence) _nodes.Add(sorted, value);
            else _nodes.Add(sorted, value.Key!, value);
        }

        return sorted;
    }

    private static int CompareKeys(List<DocNode> a, List<DocNode> b)
    {
        for (var i = 0; i < a.Count && i < b.Count; i++)
        {
            if (YqOrder.Compare(a[i], b[i]) is not 0 and var sign) return sign;
        }

        return a.Count.CompareTo(b.Count);
    }

    private DocNode Reverse(DocNode node)
    {
        if (node.Kind != DocKind.Sequence) throw new YqException($"node at path [{YqNodes.NicePath(node)}] is not an array (it's a {node.Tag})");
        var list = _nodes.CopyAlone(node);
        _nodes.AddAll(list, [.. Enumerable.Reverse(node.Content)]);
        return list;
    }

    private DocNode Pivot(DocNode node)
    {
        if (node.Kind != DocKind.Sequence) throw new YqException($"cannot pivot node of type {node.Tag}");
        if (node.Content.Count == 0) return _nodes.Sequence();
        var kind = node.Content[0].Kind;
        if (node.Content.Find(item => item.Kind != kind) is { } other) throw new YqException($"sequence contains elements of {node.Content[0].Tag} and {other.Tag} types");
        if (kind is not (DocKind.Sequence or DocKind.Mapping)) throw new YqException($"can only pivot elements of !!seq or !!map types, received {node.Content[0].Tag}");
        var result = kind == DocKind.Sequence ? _nodes.Sequence() : _nodes.Mapping();
        var keys = kind == DocKind.Mapping ? node.Content.SelectMany(row => row.Entries().Select(entry => entry.Key.Value)).Distinct().ToList() : null;
        var columns = keys?.Count ?? node.Content.Max(row => row.Content.Count);
        for (var i = 0; i < columns; i++)
        {
            var column = _nodes.Sequence();
            foreach (var row in node.Content)
            {
                var cell = keys is null ? row.Content.ElementAtOrDefault(i) : row.Get(keys[i]);
                _nodes.Add(column, cell ?? _nodes.Scalar("", DocTags.Null));
            }

            if (keys is null) _nodes.Add(result, column);
            else _nodes.Add(result, _nodes.Text(keys[i]), column);
        }

        return result;
    }
}
