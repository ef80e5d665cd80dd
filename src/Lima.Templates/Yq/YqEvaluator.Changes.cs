using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>What changes nodes in place: assignments, merges and deletions.</summary>
internal sealed partial class YqEvaluator
{
    private YqContext? ApplyChange(YqContext context, YqExpr expression) => expression.Op switch
    {
        YqOp.Assign => Assign(context, expression),
        YqOp.Update => Update(context, Evaluate(context, expression.Left!).Nodes, expression),
        YqOp.AddAssign => AssignResult(context, expression, Add, whenEmpty: true),
        YqOp.SubtractAssign => AssignResult(context, expression, (a, b) => Subtract(a!, b!), whenEmpty: false),
        YqOp.MultiplyAssign => AssignResult(context, expression, (a, b) => Multiply(context, a!, b!, new(expression.Text)), whenEmpty: false),
        YqOp.Add => Cross(context.AsReadOnly(), expression, Add, whenEmpty: context.Nodes.Count > 0),
        YqOp.Subtract => Cross(context.AsReadOnly(), expression, (a, b) => Subtract(a!, b!), whenEmpty: false),
        YqOp.Multiply => Cross(context.AsReadOnly(), expression, (a, b) => Multiply(context, a!, b!, new(expression.Text)), whenEmpty: false),
        YqOp.Divide => Cross(context.AsReadOnly(), expression, (a, b) => Divide(a!, b!), whenEmpty: false),
        YqOp.Modulo => Cross(context.AsReadOnly(), expression, (a, b) => Modulo(a!, b!), whenEmpty: false),
        YqOp.Alternative => Cross(context, expression, (a, b) => a is null || b is null ? a ?? b : IsTrue(a) ? a : b, whenEmpty: true, a => IsTrue(a) ? a : null),
        YqOp.Delete => Delete(context, expression.Right!),
        YqOp.With => WithEach(context, expression.Right!),
        _ => null,
    };

    private YqContext Assign(YqContext context, YqExpr expression)
    {
        // Once so that what is missing is made; the values are taken for every node of its own.
        Evaluate(context, expression.Left!);
        Cross(context.AsReadOnly(), expression, (target, value) =>
        {
            _nodes.Update(target!, value!, expression.Flag, keepAnchor: true);
            return target;
        }, whenEmpty: false);
        return context;
    }

    private YqContext Update(YqContext context, List<DocNode> targets, YqExpr expression)
    {
        // From the end, so that children come before what contains them.
        for (var i = targets.Count - 1; i >= 0; i--)
        {
            if (Evaluate(context.With(targets[i]), expression.Right!).First is { } value) _nodes.Update(targets[i], value, expression.Flag, keepAnchor: true);
        }

        return context;
    }

    private YqContext AssignResult(YqContext context, YqExpr expression, Func<DocNode?, DocNode?, DocNode?> calculate, bool whenEmpty)
    {
        foreach (var target in Evaluate(context, expression.Left!).Nodes)
        {
            var before = new YqExpr(YqOp.Reference) { Value = _nodes.Copy(target) };
            var results = Cross(context.AsReadOnly(), expression with { Left = before }, calculate, whenEmpty);
            foreach (var result in results.Nodes) _nodes.Update(target, result, expression.Text.Contains('c'), keepAnchor: false);
        }

        return context;
    }

    private YqContext WithEach(YqContext context, YqExpr block)
    {
        if (block.Op != YqOp.Block) throw new YqException("with must be given a block (;), e.g. `with(.a; .b = 1)`");
        var targets = Evaluate(context, block.Left!);
        foreach (var target in targets.Nodes) Evaluate(targets.With(target), block.Right!);
        return context;
    }

    private YqContext Delete(YqContext context, YqExpr argument)
    {
        var targets = Evaluate(context.AsReadOnly(), argument).Nodes;
        for (var i = targets.Count - 1; i >= 0; i--)
        {
            var target = targets[i];
            if (target.Parent is not { } parent) return context.With(context.Nodes.FindAll(node => !ReferenceEquals(node, target)));
            _budget.Scan(parent.Content.Count);
            var at = parent.Content.FindIndex(child => ReferenceEquals(child, target));
            if (parent.Kind == DocKind.Mapping)
            {
                if (at < 0) at = parent.IndexOf(target.Key?.Value ?? "") + 1;
                if (at >= 0 && at / 2 * 2 + 1 < parent.Content.Count) RemoveEntry(parent, at / 2 * 2);
            }
            else if (at >= 0)
            {
                parent.Content.RemoveAt(at);
                for (; at < parent.Content.Count; at++) parent.Content[at].Key = YqNodes.IndexKey(at, parent);
            }
        }

        return context;
    }

    private static void RemoveEntry(DocNode map, int at)
    {
        var key = map.Content[at].Value;
        for (var i = map.Content.Count - 2; i >= 0; i -= 2)
        {
            if (i == at || (map.Content[i].Kind == DocKind.Scalar && map.Content[i].Value == key)) map.Content.RemoveRange(i, 2);
        }
    }

    private DocNode Multiply(YqContext context, DocNode left, DocNode right, MergeFlags flags)
    {
        if (right.Tag == DocTags.Null && right.Kind == DocKind.Scalar) return _nodes.Copy(left);
        var nothing = left is { Tag: DocTags.Null, Kind: DocKind.Scalar };
        var merges = (right.Kind == DocKind.Mapping && (nothing || left.Kind == DocKind.Mapping))
            || (right.Kind == DocKind.Sequence && (nothing || left.Kind == DocKind.Sequence));
        return merges ? Merge(context, _nodes.Copy(left), right, flags) : MultiplyScalars(left, right);
    }

    /// <summary>Merges a tree into another, which is changed and returned; its own comments at the top stay.</summary>
    private DocNode Merge(YqContext context, DocNode left, DocNode right, MergeFlags flags)
    {
        var (head, foot) = (left.HeadComment, left.FootComment);
        MergeInto(context, left, right, flags);
        if (head.Length > 0) left.HeadComment = head;
        if (foot.Length > 0) left.FootComment = foot;
        return left;
    }

    private void MergeInto(YqContext context, DocNode left, DocNode right, MergeFlags flags)
    {
        _budget.Step(1);
        var writes = !flags.NewOnly || left is { Tag: DocTags.Null, Kind: DocKind.Scalar };
        if (right.Kind == DocKind.Sequence && flags.Append)
        {
            if (writes) _nodes.Update(left, Add(_nodes.Copy(left), right)!, flags.Clobber, keepAnchor: false);
            return;
        }

        if (right.Kind is DocKind.Scalar or DocKind.Alias || (right.Kind == DocKind.Sequence && !flags.Deep))
        {
            if (writes) _nodes.Update(left, right, flags.Clobber, keepAnchor: false);
            return;
        }

        if (writes) YqNodes.UpdateAttributes(left, right, flags.Clobber, keepAnchor: false);
        var target = Dereferenced(left);
        if (target.Kind != right.Kind) return;
        if (right.Kind == DocKind.Mapping) MergeEntries(context, target, right, flags);
        else MergeItems(context, target, right, flags);
    }

    private void MergeEntries(YqContext context, DocNode left, DocNode right, MergeFlags flags)
    {
        foreach (var (key, value) in right.Entries())
        {
            _budget.Scan(left.Content.Count);
            var found = Found(left, key.Value, exact: true, follow: false, keys: true);
            if (found.Count == 0 && flags.ExistingOnly) continue;
            if (found.Count == 0)
            {
                if (left.Content.Count == 0) left.Style = DocStyle.None;
                MergeInto(context, _nodes.Add(left, key, _nodes.Scalar("null", DocTags.Null)).Value, value, flags);
                continue;
            }

            if (!flags.NewOnly) _nodes.Update(found[0], key, flags.Clobber, keepAnchor: false);
            MergeInto(context, found[1], value, flags);
        }
    }

    private void MergeItems(YqContext context, DocNode left, DocNode right, MergeFlags flags)
    {
        for (var i = 0; i < right.Content.Count; i++)
        {
            if (i >= left.Content.Count && flags.ExistingOnly) return;
            MergeInto(context, At(left, i.ToString(), optional: false)!, right.Content[i], flags);
        }
    }
}
