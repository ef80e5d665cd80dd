using System.Diagnostics.CodeAnalysis;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>A parsed expression in the language of yq v4.</summary>
public sealed class YqExpression
{
    private readonly YqExpr _root;

    private YqExpression(YqExpr root) => _root = root;

    /// <summary>Parses an expression; false, with the reason, when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out YqExpression? expression, [NotNullWhen(false)] out string? problem)
    {
        (expression, problem) = (null, null);
        try
        {
            expression = new YqExpression(YqParser.Parse(text));
            return true;
        }
        catch (YqException error)
        {
            problem = error.Message;
            return false;
        }
    }

    /// <summary>
    /// Evaluates against documents, which are changed by assignments. Null, with the reason, when that is not possible;
    /// the documents may be changed in part then.
    /// </summary>
    /// <param name="documents">Documents in their order.</param>
    /// <param name="security">What the expression may reach outside.</param>
    /// <param name="together">Whether operators see all documents at once; else the expression is evaluated for each by itself.</param>
    /// <param name="problem">The reason.</param>
    /// <param name="cancel">Stops the evaluation with <see cref="OperationCanceledException"/>.</param>
    public IReadOnlyList<DocNode>? Evaluate(IReadOnlyList<DocFile> documents, YqSecurity security, bool together, out string? problem, CancellationToken cancel = default)
    {
        problem = null;
        try
        {
            return Run(documents, security, together, cancel);
        }
        catch (YqException error)
        {
            problem = error.Message;
            return null;
        }
    }

    internal List<DocNode> Run(IReadOnlyList<DocFile> documents, YqSecurity security, bool together, CancellationToken cancel)
    {
        var roots = new List<DocNode>();
        var index = 0;
        for (var i = 0; i < documents.Count; i++)
        {
            var root = documents[i].Root;
            YqNodes.Link(root);
            index = roots.Count > 0 && roots[^1].FileIndex == root.FileIndex ? index + 1 : 0;
            (root.DocumentIndex, root.Together) = (index, together);
            if (i == 0) root.Lead = documents[i].Lead + (documents[i].ExplicitStart ? "---\n" : "");
            roots.Add(root);
        }

        var evaluator = new YqEvaluator(security, cancel);
        if (together || roots.Count == 0) return evaluator.Evaluate(YqContext.Of(roots), _root).Nodes;
        return roots.SelectMany(root => evaluator.Evaluate(YqContext.Of([root]), _root).Nodes).ToList();
    }
}
