using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Variables, loops over them, and what makes new lists and maps.</summary>
internal sealed partial class YqEvaluator
{
    private YqContext Bind(YqContext context, YqExpr pipe)
    {
        if (context.IsTogether) return BindOne(context, pipe);
        var results = new List<DocNode>();
        foreach (var node in context.Nodes) results.AddRange(BindOne(context.With(node), pipe).Nodes);
        return context.With(results);
    }

    private YqContext BindOne(YqContext context, YqExpr pipe)
    {
        var bind = pipe.Left!;
        if (bind.Right!.Op != YqOp.Variable) throw new YqException("RHS of 'as' operator must be a variable name e.g. $foo");
        var values = Evaluate(context.AsReadOnly(), bind.Left!);
        if (values.Nodes.Count == 0) return Evaluate(context, pipe.Right!);
        var results = new List<DocNode>();
        foreach (var value in values.Nodes)
        {
            var bound = bind.Op == YqOp.BindReference ? value : _nodes.Copy(value);
            results.AddRange(Evaluate(context.Set(bind.Right.Text, [bound]), pipe.Right!).Nodes);
        }

        return context.With(results);
    }

    private YqContext Reduce(YqContext context, YqExpr expression)
    {
        if (expression.Left is not { Op: YqOp.Bind or YqOp.BindReference, Right.Op: YqOp.Variable } bind) throw new YqException("reduce must be given a variables assignment, e.g. `.[] as $x ireduce (0; . + $x)`");
        if (expression.Right is not { Op: YqOp.Block } block) throw new YqException("reduce must be given a block, e.g. `.[] as $x ireduce (0; . + $x)`");
        var sum = Evaluate(context, block.Left!);
        foreach (var node in Evaluate(context, bind.Left!).Nodes)
        {
            sum = Evaluate(sum.Set(bind.Right!.Text, [node]), block.Right!);
        }

        return context.With(sum.Nodes);
    }

    private YqContext Collect(YqContext context, YqExpr of)
    {
        if (context.Nodes.Count == 0) return context.With(_nodes.Sequence());
        if (context.IsTogether) return context.With(CollectTogether(context, of));
        var results = new List<DocNode>();
        foreach (var node in context.Nodes)
        {
            var list = _nodes.Replace(node, DocKind.Sequence, DocTags.Seq, "");
            AddResults(list, Evaluate(context.With(node), of));
            results.Add(list);
        }

        return context.With(results);
    }

    /// <summary>One list of all that the nodes give.</summary>
    private DocNode CollectTogether(YqContext context, YqExpr of)
    {
        var list = _nodes.Sequence();
        foreach (var node in context.Nodes) AddResults(list, Evaluate(context.With(node).AsReadOnly(), of));
        return list;
    }

    private void AddResults(DocNode list, YqContext results)
    {
        foreach (var result in results.Nodes)
        {
            _nodes.Add(list, result);
            list.Content[^1].BlankLines = 0;
        }
    }

    /// <summary>Maps of one entry each, in lists: what the braces around are made of.</summary>
    private YqContext Entries(YqContext context, YqExpr expression)
    {
        var lists = _nodes.Sequence();
        foreach (var node in context.Nodes.Count == 0 ? [null] : context.Nodes.Select(node => (DocNode?)node))
        {
            var list = _nodes.Sequence();
            list.Style = DocStyle.Flow;
            var pairs = Cross(context.With(node is null ? [] : [node]), expression, (key, value) =>
            {
                var map = _nodes.Mapping();
                _nodes.Add(map, key!, value!);
                map.Content[0].BlankLines = 0;
                if (node is not null) (map.DocumentIndex, map.FileIndex, map.File) = (Root(node).DocumentIndex, Root(node).FileIndex, Root(node).File);
                return map;
            }, whenEmpty: false);
            _nodes.AddAll(list, pairs.Nodes);
            _nodes.Add(lists, list);
        }

        return context.With(lists);
    }

    private YqContext CollectObject(YqContext original)
    {
        var context = original.AsWritable();
        if (context.Nodes.Count == 0) return context.With(_nodes.Mapping());
        var count = context.Nodes[0].Content.Count;
        if (context.Nodes.Exists(node => node.Content.Count < count)) throw new YqException("CollectObject: mismatching node sizes; are you creating a map with mismatching key value pairs?");
        var results = new List<DocNode>();
        for (var i = 0; i < count; i++)
        {
            var at = i;
            foreach (var made in CrossMerge(context, context.Nodes.ConvertAll(node => node.Content[at])))
            {
                var copy = _nodes.Copy(made);
                (copy.Parent, copy.Key) = (null, null);
                results.Add(copy);
            }
        }

        return context.With(results);
    }

    /// <summary>Every combination of one entry of each part.</summary>
    private List<DocNode> CrossMerge(YqContext context, List<DocNode> parts)
    {
        var made = new List<DocNode>();
        foreach (var part in parts)
        {
            var entries = Children(context, part);
            made = made.Count == 0 ? entries
                : made.SelectMany(one => entries.Select(entry => Merge(context, _nodes.Copy(one), entry, new MergeFlags("")))).ToList();
        }

        return made;
    }

    private YqContext EvaluateText(YqContext context, YqExpr argument)
    {
        var expressions = Evaluate(context.AsReadOnly(), argument).Nodes.ConvertAll(node => YqParser.Parse(node.Value));
        var results = new List<DocNode>();
        for (var i = 0; i < context.Nodes.Count; i++)
        {
            foreach (var expression in expressions) results.AddRange(Evaluate(context, expression).Nodes);
        }

        return context.With(results);
    }
}
