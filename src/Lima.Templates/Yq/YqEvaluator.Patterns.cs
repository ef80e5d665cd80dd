using System.Text;
using System.Text.RegularExpressions;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Regular expressions.</summary>
internal sealed partial class YqEvaluator
{
    private (YqPattern Pattern, bool All) PatternArguments(YqContext context, YqExpr argument)
    {
        if (argument.Op != YqOp.Block) return (new YqPattern(ArgumentText(context, argument)), false);
        var flags = Evaluate(context, argument.Right!).First?.Value ?? "";
        if (flags.Contains('i')) throw new YqException("'i' is not a valid option for match. To ignore case, use an expression like match(\"(?i)cat\")");
        if (flags.Replace("g", "", StringComparison.Ordinal).Length > 0) throw new YqException($"unrecognised match params '{flags}', the only one is g");
        return (new YqPattern(ArgumentText(context, argument.Left!)), flags.Length > 0);
    }

    private string Subject(DocNode node, string what)
    {
        if (node.Kind != DocKind.Scalar || YqNodes.GuessTag(node) != DocTags.Str)
        {
            throw new YqException($"cannot {what} with {node.Tag}, can only {what} strings. Hint: Most often you'll want to use '|=' over '=' for this operation");
        }

        _budget.Step(1 + (node.Value.Length / 64));
        return node.Value;
    }

    private YqContext Test(YqContext context, YqExpr argument)
    {
        var (pattern, _) = PatternArguments(context, argument);
        return Each(context, node => _nodes.Bool(node, pattern.Regex.IsMatch(Subject(node, "match"))));
    }

    private YqContext Substitute(YqContext context, YqExpr block)
    {
        if (block.Op is not (YqOp.Block or YqOp.Union)) throw new YqException("sub must be given a regular expression and a replacement, e.g. `sub(\"cats\"; \"dogs\")`");
        var pattern = new YqPattern(ArgumentText(context, block.Left!));
        var replacement = Evaluate(context, block.Right!).First?.Value ?? "";
        return Each(context, node =>
        {
            var text = Subject(node, "substitute");
            return _nodes.ReplaceScalar(node, DocTags.Str, pattern.Regex.Replace(text, match => _budget.Text(pattern.Expand(replacement, match))));
        });
    }

    private YqContext Match(YqContext context, YqExpr argument, bool asMap)
    {
        var (pattern, all) = PatternArguments(context, argument);
        var results = new List<DocNode>();
        foreach (var node in context.Nodes)
        {
            var text = Subject(node, "match");
            for (var match = pattern.Regex.Match(text); match.Success; match = match.NextMatch())
            {
                var map = _nodes.Replace(node, DocKind.Mapping, DocTags.Map, "");
                if (asMap) AddCaptures(map, pattern, match);
                else AddMatch(map, pattern, match, text);
                results.Add(map);
                if (!all) break;
            }
        }

        return context.With(results);
    }

    private void AddCaptures(DocNode map, YqPattern pattern, Match match)
    {
        for (var i = 0; i < pattern.Names.Count; i++)
        {
            var group = YqPattern.GroupAt(match, i);
            _nodes.Add(map, _nodes.Text(pattern.Names[i]), group.Success ? _nodes.Text(group.Value) : _nodes.Scalar("null", DocTags.Null));
        }
    }

    private void AddMatch(DocNode map, YqPattern pattern, Match match, string text)
    {
        AddGroup(map, match, text);
        var captures = _nodes.Sequence();
        for (var i = 0; i < pattern.Names.Count; i++)
        {
            var capture = _nodes.Mapping();
            AddGroup(capture, YqPattern.GroupAt(match, i), text);
            if (pattern.Names[i].Length > 0) _nodes.Add(capture, _nodes.Text("name"), _nodes.Text(pattern.Names[i]));
            _nodes.Add(captures, capture);
        }

        _nodes.Add(map, _nodes.Text("captures"), captures);
    }

    // Places and lengths are counted in bytes, as yq does.
    private void AddGroup(DocNode map, Group group, string text)
    {
        var offset = group.Success ? Encoding.UTF8.GetByteCount(text.AsSpan(0, group.Index)) : -1;
        _nodes.Add(map, _nodes.Text("string"), group.Success ? _nodes.Text(group.Value) : _nodes.Scalar("null", DocTags.Null));
        _nodes.Add(map, _nodes.Text("offset"), _nodes.Scalar(offset.ToString(), DocTags.Int));
        _nodes.Add(map, _nodes.Text("length"), _nodes.Scalar(Encoding.UTF8.GetByteCount(group.Value).ToString(), DocTags.Int));
    }
}
