using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Truth values: comparisons, logic, and what asks whether.</summary>
internal sealed partial class YqEvaluator
{
    private YqContext? ApplyComparison(YqContext context, YqExpr expression) => expression.Op switch
    {
        YqOp.Equal => Cross(context, expression, (a, b) => _nodes.Bool(a ?? b, IsEqual(a, b)), whenEmpty: true),
        YqOp.NotEqual => Cross(context.AsReadOnly(), expression, (a, b) => _nodes.Bool(a ?? b, !IsEqual(a, b)), whenEmpty: true),
        YqOp.Less => Compare(context, expression, sign => sign < 0, false),
        YqOp.LessOrEqual => Compare(context, expression, sign => sign <= 0, true),
        YqOp.Greater => Compare(context, expression, sign => sign > 0, false),
        YqOp.GreaterOrEqual => Compare(context, expression, sign => sign >= 0, true),
        YqOp.And => Cross(context.AsReadOnly(), expression, (a, b) => _nodes.Bool(a ?? b, IsTrue(b)), whenEmpty: true, a => IsTrue(a) ? null : _nodes.Bool(a, false)),
        YqOp.Or => Cross(context.AsReadOnly(), expression, (a, b) => _nodes.Bool(a ?? b, IsTrue(b)), whenEmpty: true, a => IsTrue(a) ? _nodes.Bool(a, true) : null),
        YqOp.Not => Each(context, node => _nodes.Bool(node, !IsTrue(node))),
        YqOp.Any or YqOp.AnyWhere => Each(context, node => _nodes.Bool(node, Holds(context, node, expression.Right, true, "any"))),
        YqOp.All or YqOp.AllWhere => Each(context, node => _nodes.Bool(node, !Holds(context, node, expression.Right, false, "all"))),
        YqOp.Has => Has(context, expression.Right!),
        YqOp.Contains => Cross(context.AsReadOnly(), expression with { Left = new YqExpr(YqOp.Self) }, (a, b) => _nodes.Bool(a, ContainsKind(a!, b!)), whenEmpty: false),
        YqOp.IsKey => Each(context, node => _nodes.Bool(node, node.IsMapKey)),
        YqOp.Min => Extreme(context, sign => sign < 0),
        YqOp.Max => Extreme(context, sign => sign > 0),
        _ => null,
    };

    private bool IsEqual(DocNode? a, DocNode? b)
    {
        if (a is null || b is null) return (a ?? b) is not { } only || only.Tag == DocTags.Null;
        if (a.Tag == DocTags.Null) return b.Tag == DocTags.Null;
        return a.Kind == DocKind.Scalar && b.Kind == DocKind.Scalar && YqGlob.Matches(a.Value, b.Value, _budget);
    }

    private YqContext Compare(YqContext context, YqExpr expression, Func<int, bool> holds, bool orEqual) =>
        Cross(context, expression, (a, b) => _nodes.Bool(a ?? b, a is null || b is null ? a is null && b is null && orEqual : Compares(a, b, holds, orEqual)), whenEmpty: true);

    private static bool Compares(DocNode a, DocNode b, Func<int, bool> holds, bool orEqual)
    {
        if (a.Kind is DocKind.Mapping) throw new YqException("maps not yet supported for comparison");
        if (a.Kind is DocKind.Sequence) throw new YqException("arrays not yet supported for comparison");
        var (left, right) = (YqNodes.GuessTag(a), YqNodes.GuessTag(b));
        if (left == DocTags.Null || right == DocTags.Null) return left == right && orEqual;
        if (b.Kind == DocKind.Scalar && Value(a) is { } x && Value(b) is { } y) return !double.IsNaN(x) && !double.IsNaN(y) && holds(Order(a, b, x, y));
        if (left is not (DocTags.Str or DocTags.Timestamp) || left != right) throw new YqException($"{a.Tag} not yet supported for comparison");
        return holds(YqOrder.CompareText(a.Value, b.Value));
    }

    private static int Order(DocNode a, DocNode b, double x, double y) =>
        YqNumbers.Integer(a.Value) is { } p && YqNumbers.Integer(b.Value) is { } q ? p.CompareTo(q) : x.CompareTo(y);

    private YqContext Extreme(YqContext context, Func<int, bool> better)
    {
        var results = new List<DocNode>();
        foreach (var node in context.Nodes)
        {
            DocNode? best = null;
            foreach (var child in Children(context, node))
            {
                if (best is null || Compares(child, best, better, orEqual: false)) best = child;
            }

            if (best is not null) results.Add(best);
        }

        return context.With(results);
    }

    private bool Holds(YqContext context, DocNode list, YqExpr? condition, bool wanted, string name)
    {
        if (list.Kind != DocKind.Sequence) throw new YqException($"{name} only supports arrays, was {list.Tag}");
        foreach (var item in list.Content)
        {
            var tested = condition is null ? item : Evaluate(context.With(item).AsReadOnly(), condition).First;
            if (tested is not null && IsTrue(tested) == wanted) return true;
        }

        return false;
    }

    private YqContext Has(YqContext context, YqExpr argument)
    {
        var wanted = Evaluate(context.AsReadOnly(), argument).First;
        return Each(context, node => _nodes.Bool(node, node.Kind switch
        {
            DocKind.Mapping => node.IndexOf(wanted?.Value ?? "null") >= 0,
            DocKind.Sequence => wanted?.Tag == DocTags.Int && YqNumbers.Integer(wanted.Value) is { } index && index >= 0 && index < node.Content.Count,
            _ => false,
        }));
    }

    private bool ContainsKind(DocNode a, DocNode b) =>
        a.Kind == b.Kind ? Contains(a, b) : throw new YqException($"{b.Tag} cannot check contained in {a.Tag}");

    private bool Contains(DocNode a, DocNode b)
    {
        _budget.Step(1);
        switch (a.Kind)
        {
            case DocKind.Mapping:
                return b.Kind == DocKind.Mapping && b.Entries().All(entry => YqEquality.FindKey(a, entry.Key, _budget) is >= 0 and var at && Contains(a.Content[at + 1], entry.Value));
            case DocKind.Sequence:
                return b.Kind == DocKind.Sequence ? b.Content.TrueForAll(wanted => a.Content.Exists(item => Contains(item, wanted))) : a.Content.Exists(item => Contains(item, b));
            case DocKind.Scalar:
                if (b.Kind != DocKind.Scalar || a.Tag != b.Tag) return false;
                return a.Tag == DocTags.Null || (a.Tag == DocTags.Str ? a.Value.Contains(b.Value, StringComparison.Ordinal) : a.Value == b.Value);
            default:
                throw new YqException($"{a.Tag} not yet supported for contains");
        }
    }
}
