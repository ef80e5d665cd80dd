using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Maps as lists of their entries, and back; the order of their keys.</summary>
internal sealed partial class YqEvaluator
{
    private DocNode? ToEntries(DocNode node)
    {
        if (node.Kind is not (DocKind.Mapping or DocKind.Sequence)) return node.Tag == DocTags.Null ? null : throw new YqException($"{node.Tag} has no keys");
        var list = WithComments(node, _nodes.Replace(node, DocKind.Sequence, DocTags.Seq, ""));
        for (var i = 0; i < node.Content.Count; i += node.Kind == DocKind.Mapping ? 2 : 1)
        {
            var entry = _nodes.Mapping();
            var isMap = node.Kind == DocKind.Mapping;
            _nodes.Add(entry, _nodes.Text("key"), isMap ? node.Content[i] : _nodes.Scalar(i.ToString(), DocTags.Int));
            _nodes.Add(entry, _nodes.Text("value"), node.Content[isMap ? i + 1 : i]);
            _nodes.Add(list, entry);
        }

        return list;
    }

    private static DocNode WithComments(DocNode from, DocNode to)
    {
        (to.HeadComment, to.LineComment, to.FootComment, to.BlankLines) = (from.HeadComment, from.LineComment, from.FootComment, from.BlankLines);
        to.Lead = from.Lead;
        return to;
    }

    private DocNode FromEntries(DocNode node)
    {
        if (node.Kind != DocKind.Sequence) throw new YqException("from entries only runs against arrays");
        var map = _nodes.CopyAlone(node);
        (map.Kind, map.Tag) = (DocKind.Mapping, DocTags.Map);
        for (var i = 0; i < node.Content.Count; i++)
        {
            var entry = Dereferenced(node.Content[i]);
            var key = entry.Get("key") ?? throw new YqException($"expected to find one 'key' entry but found 0 in position {i}");
            var value = entry.Get("value") ?? throw new YqException($"expected to find one 'value' entry but found 0 in position {i}");
            _nodes.Add(map, key, value);
        }

        return map;
    }

    private YqContext WithEntries(YqContext context, YqExpr expression)
    {
        var results = new List<DocNode>();
        foreach (var node in context.Nodes)
        {
            if (ToEntries(node) is not { } entries) continue;
            var changed = _nodes.Sequence();
            foreach (var entry in entries.Content)
            {
                foreach (var result in Evaluate(context.With(entry), expression).Nodes) _nodes.Add(changed, result);
            }

            results.Add(WithComments(entries, FromEntries(changed)));
        }

        return context.With(results);
    }

    private DocNode ArrayToMap(DocNode node)
    {
        var map = _nodes.Mapping();
        for (var i = 0; i < List(node, "array_to_map").Content.Count; i++)
        {
            if (node.Content[i].Tag != DocTags.Null) _nodes.Add(map, _nodes.Scalar(i.ToString(), DocTags.Int), node.Content[i]);
        }

        return map;
    }

    private YqContext SortKeys(YqContext context, YqExpr argument)
    {
        foreach (var node in context.Nodes)
        {
            foreach (var map in Evaluate(context.With(node).AsReadOnly(), argument).Nodes.Where(found => found.Kind == DocKind.Mapping))
            {
                var entries = map.Entries().OrderBy(entry => entry.Key.Value, Comparer<string>.Create(YqOrder.CompareText)).ToArray();
                map.Content.Clear();
                foreach (var (key, value) in entries) map.Content.AddRange([key, value]);
            }
        }

        return context;
    }
}
