using System.Text;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Texts: interpolation, joining, splitting, cases, conversions.</summary>
internal sealed partial class YqEvaluator
{
    private YqContext? ApplyText(YqContext context, YqExpr expression) => expression.Op switch
    {
        YqOp.Join => Join(context, expression.Right!),
        YqOp.Split => Split(context, expression.Right!),
        YqOp.Substitute => Substitute(context, expression.Right!),
        YqOp.Match => Match(context, expression.Right!, asMap: false),
        YqOp.Capture => Match(context, expression.Right!, asMap: true),
        YqOp.Test => Test(context, expression.Right!),
        YqOp.Upcase => Each(context, node => Changed(node, node.Value.ToUpperInvariant(), "change case with")),
        YqOp.Downcase => Each(context, node => Changed(node, node.Value.ToLowerInvariant(), "change case with")),
        YqOp.Trim => Each(context, node => Changed(node, node.Value.Trim(), "trim")),
        YqOp.ToText => Each(context, ToText),
        YqOp.ToNumber => Each(context, ToNumber),
        YqOp.Encode => Encode(context, expression),
        YqOp.Decode => Decode(context, expression.Text),
        YqOp.Environment => FromEnvironment(context, expression.Text),
        YqOp.EnvironmentSubstitute => SubstituteEnvironment(context, expression.Text),
        YqOp.Load or YqOp.LoadText => Load(context, expression),
        _ => null,
    };

    private YqContext Interpolate(YqContext context, string text)
    {
        if (context.Nodes.Count == 0) return context.With(_nodes.Text(Interpolated(context, text)));
        return Each(context, node => _nodes.Text(Interpolated(context.With(node), text)));
    }

    private string Interpolated(YqContext context, string text)
    {
        if (!text.Contains('\\')) return text;
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length) result.Append(text[i]);
            else if (text[i + 1] == '\\') result.Append(text[i++]);
            else if (text[i + 1] != '(') result.Append(text[i]);
            else if (ClosingBracket(text, i + 2) is >= 0 and var end)
            {
                result.Append(_budget.Text(InterpolatedValue(context, text[(i + 2)..end])));
                i = end;
            }
            else return text;
        }

        return result.ToString();
    }

    private static int ClosingBracket(string text, int from)
    {
        var open = 0;
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '(') open++;
            else if (text[i] == ')' && open-- == 0) return i;
        }

        return -1;
    }

    private string InterpolatedValue(YqContext context, string expression)
    {
        var value = Evaluate(context, YqParser.Parse(Unescaped(expression))).First;
        return value is null ? "" : value.Kind == DocKind.Scalar ? value.Value : YqPrinter.Yaml(value, DocFormat.Yq, unwrap: false).TrimEnd('\n');
    }

    /// <summary>Inside the brackets a closing one and a backslash may be escaped.</summary>
    private static string Unescaped(string expression) =>
        expression.Contains('\\') ? expression.Replace("\\)", ")", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal) : expression;

    private YqContext Join(YqContext context, YqExpr argument)
    {
        var between = ArgumentText(context, argument);
        return Each(context, node =>
        {
            if (node.Kind != DocKind.Sequence) throw new YqException($"cannot join with {node.Tag}, can only join arrays of scalars");
            _budget.Chars(node.Content.Sum(item => (long)item.Value.Length + between.Length));
            return _nodes.ReplaceScalar(node, DocTags.Str, string.Join(between, node.Content.Select(item => item.Tag == DocTags.Null ? "" : item.Value)));
        });
    }

    private YqContext Split(YqContext context, YqExpr argument)
    {
        var at = ArgumentText(context, argument);
        return context.With(context.Nodes.Where(node => node.Tag != DocTags.Null).Select(node =>
        {
            if (YqNodes.GuessTag(node) != DocTags.Str) throw new YqException($"cannot split {node.Tag}, can only split strings");
            var list = _nodes.Replace(node, DocKind.Sequence, DocTags.Seq, "");
            SplitInto(list, node.Value, at);
            return list;
        }).ToList());
    }

    private void SplitInto(DocNode list, string text, string at)
    {
        (list.Kind, list.Tag, list.Value, list.Style) = (DocKind.Sequence, DocTags.Seq, "", DocStyle.None);
        if (text.Length == 0) return;
        var parts = at.Length == 0 ? text.EnumerateRunes().Select(rune => rune.ToString()) : text.Split(at);
        foreach (var part in parts) _nodes.Add(list, _nodes.Scalar(part, DocTags.Str));
    }

    private DocNode Changed(DocNode node, string text, string what)
    {
        if (YqNodes.GuessTag(node) != DocTags.Str || node.Kind != DocKind.Scalar) throw new YqException($"cannot {what} {node.Tag}, can only operate on strings. ");
        var changed = _nodes.ReplaceScalar(node, node.Tag, text);
        changed.Style = node.Style;
        return changed;
    }

    private DocNode ToText(DocNode node)
    {
        var text = node.Kind == DocKind.Scalar ? node.Value : YqPrinter.Yaml(node, DocFormat.Yq, unwrap: false).TrimEnd('\n');
        var result = _nodes.ReplaceScalar(node, DocTags.Str, text);
        if (node.Tag != DocTags.Str) result.Style = DocStyle.DoubleQuoted;
        return result;
    }

    private DocNode ToNumber(DocNode node)
    {
        if (node.Kind != DocKind.Scalar) throw new YqException($"cannot convert node at path {YqNodes.NicePath(node)} of tag {node.Tag} to number");
        if (node.Tag is DocTags.Int or DocTags.Float) return node;
        if (YqNumbers.Integer(node.Value) is not null) return _nodes.ReplaceScalar(node, DocTags.Int, node.Value);
        if (DocTags.Number(node.Value) is not null) return _nodes.ReplaceScalar(node, DocTags.Float, node.Value);
        throw new YqException($"cannot convert node value [{Yaml.Shown.Value(node.Value)}] at path {YqNodes.NicePath(node)} of tag {node.Tag} to number");
    }
}
