using Lima.Templates.Documents;

namespace Lima.Templates.Bases;

/// <summary>
/// Writes aliases and <c>&lt;&lt;</c> out: a document that becomes a part of another one must not refer to names that
/// the other may use for something else, or to nodes that stay behind.
/// </summary>
internal static class Flattening
{
    /// <summary>Flattens a document in place, when it has any alias. Its size with aliases followed must have been checked.</summary>
    public static void Apply(DocNode root)
    {
        if (HasAlias(root)) Flatten(root);
        else RemoveAnchors(root);
    }

    private static bool HasAlias(DocNode node) => node.Kind == DocKind.Alias || node.Content.Any(HasAlias);

    private static void RemoveAnchors(DocNode node)
    {
        node.Anchor = "";
        foreach (var child in node.Content) RemoveAnchors(child);
    }

    private static void Flatten(DocNode node)
    {
        for (var i = 0; i < node.Content.Count; i++)
        {
            if (node.Content[i] is { Kind: DocKind.Alias } alias) node.Content[i] = Copy(alias);
            Flatten(node.Content[i]);
        }

        node.Anchor = "";
        if (node.Kind == DocKind.Mapping && node.Content.Where((_, i) => i % 2 == 0).Any(IsMerge)) Merge(node);
    }

    private static DocNode Copy(DocNode alias)
    {
        var copy = alias.Resolved.Clone();
        (copy.HeadComment, copy.LineComment, copy.FootComment, copy.BlankLines) = (alias.HeadComment, alias.LineComment, alias.FootComment, alias.BlankLines);
        return copy;
    }

    private static bool IsMerge(DocNode key) => key is { Kind: DocKind.Scalar, Tag: DocTags.Merge };

    /// <summary>Entries of merged maps are added where the map does not set them itself; an earlier map wins.</summary>
    private static void Merge(DocNode map)
    {
        var merged = map.Entries().Where(entry => IsMerge(entry.Key)).Select(entry => entry.Value).ToArray();
        for (var i = map.Content.Count - 2; i >= 0; i -= 2)
            if (IsMerge(map.Content[i])) map.Content.RemoveRange(i, 2);
        var own = map.Content.Where((_, i) => i % 2 == 0).Select(key => key.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var from in merged.SelectMany(value => value.Kind == DocKind.Sequence ? value.Content : [value]))
        {
            foreach (var (key, value) in from.Entries())
            {
                if (!own.Add(key.Value)) continue;
                map.Content.Add(key.Clone());
                map.Content.Add(value.Clone());
            }
        }
    }
}
