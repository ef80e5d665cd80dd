using System.Text;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>The order that sorting follows: nothing, false, true, numbers by value, and all else by its text.</summary>
internal static class YqOrder
{
    public static int Compare(DocNode a, DocNode b)
    {
        var (left, right) = (YqNodes.GuessTag(a), YqNodes.GuessTag(b));
        if (left == DocTags.Null || right == DocTags.Null) return (right == DocTags.Null ? 1 : 0) - (left == DocTags.Null ? 1 : 0);
        if (left == DocTags.Bool || right == DocTags.Bool)
        {
            if (left != right) return left == DocTags.Bool ? -1 : 1;
            return string.Equals(a.Value, "true", StringComparison.OrdinalIgnoreCase).CompareTo(string.Equals(b.Value, "true", StringComparison.OrdinalIgnoreCase));
        }

        if (left is DocTags.Int or DocTags.Float && right is DocTags.Int or DocTags.Float)
        {
            if (YqNumbers.Integer(a.Value) is { } x && YqNumbers.Integer(b.Value) is { } y) return x.CompareTo(y);
            return (DocTags.Number(a.Value) ?? 0).CompareTo(DocTags.Number(b.Value) ?? 0);
        }

        return CompareText(a.Value, b.Value);
    }

    /// <summary>Order of the bytes of UTF-8, which is not quite that of UTF-16.</summary>
    public static int CompareText(string a, string b)
    {
        var (left, right) = (a.EnumerateRunes(), b.EnumerateRunes());
        while (true)
        {
            var (more, others) = (left.MoveNext(), right.MoveNext());
            if (!more || !others) return more.CompareTo(others);
            if (left.Current != right.Current) return left.Current.Value.CompareTo(right.Current.Value);
        }
    }
}
