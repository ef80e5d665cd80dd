using Lima.Templates.Documents;
using Lima.Templates.Validation;

namespace Lima.Templates.Bases;

/// <summary>How a base's values and comments enter a template.</summary>
internal static class DocMerge
{
    private static readonly string[] Prepended = ["base", "provision", "probes"];

    /// <summary>
    /// Missing keys are added, scalars kept, lists appended; base entries of <c>base</c>, <c>provision</c> and <c>probes</c>
    /// come first, <c>dns</c> is only taken when there is none, versions keep the higher, unsupported mount types are united.
    /// A key without a comment of its own gets that of the base.
    /// </summary>
    /// <param name="own">Root of the template, a map; changed in place.</param>
    /// <param name="from">Root of the base, a map; its nodes become the template's.</param>
    public static void Merge(DocNode own, DocNode from)
    {
        // What stands above a whole text says most about its first entry.
        if (from.HeadComment.Length > 0 && from.Content.Count > 0) from.Content[0].HeadComment = Join(from.HeadComment.TrimEnd('\n'), from.Content[0].HeadComment);
        Merge(own, from, "");
        own.FootComment = Join(own.FootComment, from.FootComment);
    }

    /// <summary>Comments of a base that holds nothing else are kept below.</summary>
    public static void MergeComments(DocNode own, DocNode from)
    {
        var comment = Join(from.HeadComment, from.FootComment).Trim('\n');
        if (comment.Length > 0) own.FootComment = Join(own.FootComment, "\n" + comment);
    }

    private static void Merge(DocNode own, DocNode from, string path)
    {
        var added = false;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < own.Content.Count; i += 2) places.TryAdd(own.Content[i].Value, i);
        foreach (var (key, value) in from.Entries())
        {
            if (places.TryGetValue(key.Value, out var at))
            {
                MergeEntry(own, at, key, value, path.Length == 0 ? key.Value : $"{path}.{key.Value}");
                continue;
            }

            if (own.Content.Count == 0) own.Style = from.Style;
            if (!added && path.Length == 0) key.BlankLines = Math.Max(own.Content.Count == 0 ? 0 : 1, key.BlankLines);
            added = true;
            own.Content.Add(key);
            own.Content.Add(value);
            if (key.Value == "mountTypesUnsupported") Unite(value);
        }
    }

    private static void MergeEntry(DocNode own, int at, DocNode key, DocNode value, string path)
    {
        var (ownKey, ownValue) = (own.Content[at], own.Content[at + 1]);
        switch (ownValue.Kind, value.Kind)
        {
            case (DocKind.Mapping, DocKind.Mapping):
                Merge(ownValue, value, path);
                AddComments(ownKey, key);
                break;
            case (DocKind.Sequence, DocKind.Sequence):
                Lists(ownValue, value, path);
                AddComments(ownKey, key);
                break;
            case (DocKind.Scalar, DocKind.Scalar) when path is "minimumLimaVersion" or "vmOpts.qemu.minimumVersion" && IsHigher(value.Value, ownValue.Value):
                own.Content[at + 1] = value;
                ownKey.HeadComment = key.HeadComment;
                break;
        }
    }

    private static void Lists(DocNode own, DocNode from, string path)
    {
        if (path == "dns" && own.Content.Count > 0) return;
        if (own.Content.Count == 0 || !from.Style.HasFlag(DocStyle.Flow)) own.Style = from.Style;
        if (own.Content.Count == 0) (own.File, own.Line, own.Column) = (from.File, from.Line, from.Column);
        if (Prepended.Contains(path)) own.Content.InsertRange(0, from.Content);
        else own.Content.AddRange(from.Content);
        if (path == "mountTypesUnsupported") Unite(own);
    }

    private static void Unite(DocNode list)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        list.Content.RemoveAll(item => item.Kind == DocKind.Scalar && !seen.Add(item.Value));
    }

    private static void AddComments(DocNode own, DocNode from)
    {
        if (own.HeadComment.Length == 0) own.HeadComment = from.HeadComment;
        if (own.LineComment.Length == 0) own.LineComment = from.LineComment;
    }

    private static bool IsHigher(string theirs, string ours) =>
        LimaVersion.Parse(theirs) is { } their && LimaVersion.Parse(ours) is { } our && their.CompareTo(our) > 0;

    private static string Join(string first, string second) => first.Length == 0 ? second : second.Length == 0 ? first : first + "\n" + second;
}
