using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Evaluates expressions. Its parts are one file for each family of operators.</summary>
internal sealed partial class YqEvaluator
{
    private readonly YqBudget _budget;
    private readonly YqNodes _nodes;
    private readonly YqSecurity _security;

    public YqEvaluator(YqSecurity security, CancellationToken cancel)
    {
        _security = security;
        _budget = new YqBudget(cancel);
        _nodes = new YqNodes(_budget);
    }

    /// <summary>The nodes that an expression gives.</summary>
    public YqContext Evaluate(YqContext context, YqExpr expression)
    {
        _budget.Enter();
        // A long pipe is a row, not a depth.
        while (expression is { Op: YqOp.Pipe, Left: { Op: not (YqOp.Bind or YqOp.BindReference) } first, Right: { } rest })
        {
            context = Evaluate(context, first) with { ReadOnly = context.ReadOnly };
            expression = rest;
        }

        _budget.Step(1 + context.Nodes.Count);
        var result = Apply(context, expression);
        _budget.Leave();
        return result;
    }

    private YqContext Apply(YqContext context, YqExpr expression) => expression.Op switch
    {
        YqOp.Self => context,
        YqOp.Pipe => Bind(context, expression),
        YqOp.Union => Union(context, expression),
        YqOp.Nothing => context.With([]),
        YqOp.Value => Literal(context, expression.Value!),
        YqOp.Reference => context.With(expression.Value!),
        YqOp.Text => Interpolate(context, expression.Text),
        YqOp.Variable => context.With(context.Variables.GetValueOrDefault(expression.Text) ?? []),
        YqOp.Collect => Collect(context, expression.Right!),
        YqOp.CollectObject => CollectObject(context),
        YqOp.Entry => Entries(context, expression),
        YqOp.Reduce => Reduce(context, expression),
        YqOp.Bind or YqOp.BindReference => throw new YqException("must use variable with a pipe, e.g. `exp as $x | ...`"),
        YqOp.Block => context.With([]),
        YqOp.Evaluate => EvaluateText(context, expression.Right!),
        YqOp.Error => throw new YqException(Evaluate(context, expression.Right!).First?.Value ?? "aborted"),
        _ => ApplyPath(context, expression) ?? ApplyChange(context, expression) ?? ApplyComparison(context, expression) ?? ApplyProperty(context, expression)
            ?? ApplyCollection(context, expression) ?? ApplyText(context, expression)
            ?? throw new YqException($"bad expression: {expression.Op}"),
    };

    private YqContext Union(YqContext context, YqExpr expression)
    {
        var results = new List<DocNode>();
        YqContext? first = null;
        for (var at = expression; ; at = at.Right!)
        {
            var isLast = at.Op != YqOp.Union;
            var part = Evaluate(context, isLast ? at : at.Left!);
            // Two changes in place hand on the same list; it is one result, not two.
            if (first is null || !ReferenceEquals(part.Nodes, first.Nodes)) results.AddRange(part.Nodes);
            first ??= part;
            if (isLast) return first.With(results);
        }
    }

    private YqContext Literal(YqContext context, DocNode value) =>
        context.With(context.Nodes.Count == 0 ? [_nodes.Copy(value)] : context.Nodes.ConvertAll(_ => _nodes.Copy(value)));

    /// <summary>One result for each node.</summary>
    private static YqContext Each(YqContext context, Func<DocNode, DocNode> map) => context.With(context.Nodes.ConvertAll(node => map(node)));

    /// <summary>Text of the first result of an argument; empty when there is none.</summary>
    private string ArgumentText(YqContext context, YqExpr argument) => Evaluate(context.AsReadOnly(), argument).First?.Value ?? "";

    private static bool IsTrue(DocNode? node) => node is not null && node.Tag != DocTags.Null
        && (node.Kind != DocKind.Scalar || node.Tag != DocTags.Bool || node.Value.ToLowerInvariant() is "true" or "yes" or "y" or "on");

    /// <summary>Every left result with every right one.</summary>
    private YqContext Cross(YqContext context, YqExpr expression, Func<DocNode?, DocNode?, DocNode?> calculate, bool whenEmpty, Func<DocNode?, DocNode?>? shortcut = null)
    {
        if (context.IsTogether) return CrossOne(context, expression, calculate, whenEmpty, shortcut);
        var results = new List<DocNode>();
        foreach (var node in context.Nodes) results.AddRange(CrossOne(context.With(node), expression, calculate, whenEmpty, shortcut).Nodes);
        return context.With(results);
    }

    private YqContext CrossOne(YqContext context, YqExpr expression, Func<DocNode?, DocNode?, DocNode?> calculate, bool whenEmpty, Func<DocNode?, DocNode?>? shortcut)
    {
        var results = new List<DocNode>();
        IEnumerable<DocNode?> left = Evaluate(context, expression.Left!).Nodes;
        if (whenEmpty && context.Nodes.Count > 0 && !left.Any()) left = [null];
        foreach (var one in left)
        {
            if (shortcut?.Invoke(one) is { } known)
            {
                results.Add(known);
                continue;
            }

            IEnumerable<DocNode?> right = Evaluate(context, expression.Right!).Nodes;
            if (whenEmpty && !right.Any()) right = [null];
            foreach (var other in right)
            {
                if (calculate(one, other) is { } result) results.Add(result);
            }
        }

        return context.With(results);
    }
}
