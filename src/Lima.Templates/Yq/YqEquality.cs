using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>When two trees are the same: styles and comments do not count, nor does the order of keys.</summary>
internal static class YqEquality
{
    public static bool Same(DocNode a, DocNode b, YqBudget budget)
    {
        budget.Scan(1);
        if (a.Kind != b.Kind) return false;
        switch (a.Kind)
        {
            case DocKind.Scalar:
                return YqNodes.GuessTag(a) == YqNodes.GuessTag(b) && (a.Tag == DocTags.Null || a.Value == b.Value);
            case DocKind.Sequence:
                return a.Content.Count == b.Content.Count && a.Content.Zip(b.Content).All(pair => Same(pair.First, pair.Second, budget));
            case DocKind.Mapping:
                return a.Content.Count == b.Content.Count && a.Entries().All(entry => FindKey(b, entry.Key, budget) is >= 0 and var at && Same(entry.Value, b.Content[at + 1], budget));
            default:
                return false;
        }
    }

    /// <summary>Place of a key in a map; -1 when it is not there.</summary>
    public static int FindKey(DocNode map, DocNode key, YqBudget budget)
    {
        for (var i = 0; i + 1 < map.Content.Count; i += 2)
        {
            if (Same(map.Content[i], key, budget)) return i;
        }

        return -1;
    }
}
