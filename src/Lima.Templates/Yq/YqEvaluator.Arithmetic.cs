using System.Globalization;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Sums, differences, products and quotients of numbers, texts and collections.</summary>
internal sealed partial class YqEvaluator
{
    private DocNode? Add(DocNode? left, DocNode? right)
    {
        if (left is null || right is null) return (left ?? right) is { } only ? _nodes.Copy(only) : null;
        if (left is { Tag: DocTags.Null, Kind: DocKind.Scalar }) return _nodes.CopyInPlaceOf(left, right);
        var sum = _nodes.CopyAlone(left);
        switch (left.Kind)
        {
            case DocKind.Mapping when right.Kind == DocKind.Mapping:
                AddMaps(sum, left, right);
                return sum;
            case DocKind.Sequence:
                AddLists(sum, left, right);
                return sum;
            case DocKind.Scalar when right.Kind == DocKind.Scalar:
                AddScalars(sum, left, right);
                return sum;
            case DocKind.Alias:
                return sum;
            default:
                throw new YqException($"{right.Tag} ({YqNodes.NicePath(right)}) cannot be added to a {left.Tag} ({YqNodes.NicePath(left)})");
        }
    }

    private void AddMaps(DocNode sum, DocNode left, DocNode right)
    {
        if (left.Content.Count == 0) sum.Style = DocStyle.None;
        _nodes.AddAll(sum, left.Content);
        foreach (var (key, value) in right.Entries())
        {
            var at = YqEquality.FindKey(sum, key, _budget);
            if (at < 0) _nodes.Add(sum, key, value);
            else sum.Content[at + 1] = _nodes.CopyInPlaceOf(sum.Content[at + 1], value);
        }
    }

    private void AddLists(DocNode sum, DocNode left, DocNode right)
    {
        if (left.Content.Count == 0) sum.Style = DocStyle.None;
        _nodes.AddAll(sum, left.Content);
        if (right.Kind == DocKind.Sequence) _nodes.AddAll(sum, right.Content);
        else if (right.Tag != DocTags.Null)
        {
            _nodes.Add(sum, right);
            if (left.Content.Count > 0) sum.Content[^1].Style = left.Content[0].Style;
        }
    }

    private void AddScalars(DocNode sum, DocNode left, DocNode right)
    {
        var (a, b) = (YqNodes.GuessTag(left), YqNodes.GuessTag(right));
        if (a == DocTags.Str || b == DocTags.Str)
        {
            sum.Tag = a == DocTags.Str ? left.Tag : right.Tag;
            sum.Value = _budget.Text(b == DocTags.Null ? left.Value : left.Value + right.Value);
        }
        else if (!Calculate(sum, left, right, (x, y) => x + y, (x, y) => x + y)) throw new YqException($"{a} cannot be added to {b}");
    }

    private DocNode Subtract(DocNode left, DocNode right)
    {
        if (left is { Tag: DocTags.Null, Kind: DocKind.Scalar }) return _nodes.CopyInPlaceOf(left, right);
        if (left.Kind == DocKind.Mapping) throw new YqException("maps not yet supported for subtraction");
        if (left.Kind != right.Kind) throw new YqException($"{right.Tag} ({YqNodes.NicePath(right)}) cannot be subtracted from {left.Tag}");
        var rest = _nodes.CopyAlone(left);
        if (left.Kind == DocKind.Sequence)
        {
            foreach (var item in left.Content)
            {
                if (!right.Content.Exists(other => YqEquality.Same(item, other, _budget))) _nodes.Add(rest, item);
            }

            return rest;
        }

        if (YqNodes.GuessTag(left) == DocTags.Str) throw new YqException("strings cannot be subtracted");
        if (!Calculate(rest, left, right, (x, y) => x - y, (x, y) => x - y)) throw new YqException($"{right.Tag} cannot be subtracted from {left.Tag}");
        return rest;
    }

    private DocNode MultiplyScalars(DocNode left, DocNode right)
    {
        var product = _nodes.CopyAlone(left);
        var (a, b) = (YqNodes.GuessTag(left), YqNodes.GuessTag(right));
        if ((a, b) is (DocTags.Str, DocTags.Int) or (DocTags.Int, DocTags.Str))
        {
            var (text, times) = a == DocTags.Str ? (left, right) : (right, left);
            var count = YqNumbers.Integer(times.Value) ?? 0;
            if (count < 0) throw new YqException($"cannot repeat string by a negative number ({count})");
            _budget.Chars(text.Value.Length * Math.Min(count, int.MaxValue));
            YqNodes.UpdateAttributes(product, text, clobber: false, keepAnchor: false);
            product.Value = string.Concat(Enumerable.Repeat(text.Value, text.Value.Length == 0 ? 0 : (int)count));
            return product;
        }

        if (left.Kind != DocKind.Scalar || right.Kind != DocKind.Scalar || !Calculate(product, left, right, (x, y) => x * y, (x, y) => x * y)) throw new YqException($"cannot multiply {left.Tag} with {right.Tag}");
        return product;
    }

    private DocNode Divide(DocNode left, DocNode right)
    {
        var (a, b) = (YqNodes.GuessTag(left), YqNodes.GuessTag(right));
        if (left.Kind == DocKind.Scalar && right.Kind == DocKind.Scalar && a != DocTags.Null)
        {
            var result = _nodes.CopyAlone(left);
            if ((a, b) is (DocTags.Str, DocTags.Str))
            {
                SplitInto(result, left.Value, right.Value);
                return result;
            }

            if (Calculate(result, left, right, null, (x, y) => x / y)) return result;
            throw new YqException($"{a} cannot be divided by {b}");
        }

        throw new YqException($"{left.Tag} ({YqNodes.NicePath(left)}) cannot be divided by {right.Tag} ({YqNodes.NicePath(right)})");
    }

    private DocNode Modulo(DocNode left, DocNode right)
    {
        var (a, b) = (YqNodes.GuessTag(left), YqNodes.GuessTag(right));
        if (left.Kind != DocKind.Scalar || right.Kind != DocKind.Scalar || a == DocTags.Null)
        {
            throw new YqException($"{left.Tag} ({YqNodes.NicePath(left)}) cannot modulo by {right.Tag} ({YqNodes.NicePath(right)})");
        }

        var result = _nodes.CopyAlone(left);
        if ((a, b) is (DocTags.Int, DocTags.Int) && YqNumbers.Integer(right.Value) == 0) throw new YqException("cannot modulo by 0");
        // The one quotient that does not fit is no remainder either.
        if (!Calculate(result, left, right, (x, y) => y == -1 ? 0 : x % y, (x, y) => x % y)) throw new YqException($"{a} cannot modulo by {b}");
        return result;
    }

    /// <summary>Calculates with two numbers, whole ones as such; false when one is none.</summary>
    private bool Calculate(DocNode result, DocNode left, DocNode right, Func<long, long, long>? whole, Func<double, double, double> any)
    {
        var (a, b) = (YqNodes.GuessTag(left), YqNodes.GuessTag(right));
        if (a is not (DocTags.Int or DocTags.Float) || b is not (DocTags.Int or DocTags.Float)) return false;
        if (whole is not null && a == DocTags.Int && b == DocTags.Int && YqNumbers.Integer(left.Value) is { } x && YqNumbers.Integer(right.Value) is { } y)
        {
            result.Value = _budget.Text(YqNumbers.Like(left.Value, whole(x, y)));
            return true;
        }

        if (DocTags.Number(left.Value) is not { } p || DocTags.Number(right.Value) is not { } q) return false;
        if (left.Tag.StartsWith("!!", StringComparison.Ordinal)) result.Tag = DocTags.Float;
        result.Value = YqNumbers.Text(any(p, q));
        return true;
    }

    private static double? Value(DocNode node) =>
        YqNodes.GuessTag(node) is DocTags.Int or DocTags.Float ? DocTags.Number(node.Value) ?? (double.TryParse(node.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null) : null;
}
