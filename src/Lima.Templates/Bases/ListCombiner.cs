using Lima.Templates.Documents;

namespace Lima.Templates.Bases;

/// <summary>
/// Makes one of the entries of a list that are about the same thing: the earlier entry keeps what it sets and gets what it
/// does not set from the later one, which is removed. An entry whose key is <c>*</c> is about every earlier entry.
/// </summary>
internal static class ListCombiner
{
    private const string Wildcard = "*";

    // No machine has as many disks or networks; every entry is compared with every other.
    private const int EntriesMax = 1000;
    private static readonly string[] Keys = ["name", "mountPoint", "location", "interface"];

    /// <summary>Combines disks by name, mounts by mount point, and networks by interface. True when anything was changed.</summary>
    public static bool Combine(DocNode root)
    {
        var changed = Combine(root.Get("additionalDisks"), item => item.Kind == DocKind.Scalar ? item.Value : Text(item, "name"));
        changed |= Combine(root.Get("mounts"), item => Text(item, "mountPoint") is { Length: > 0 } point ? point : Text(item, "location"));
        return changed | Combine(root.Get("networks"), item => Text(item, "interface"));
    }

    private static bool Combine(DocNode? list, Func<DocNode, string> keyOf)
    {
        if (list is not { Kind: DocKind.Sequence, Content.Count: <= EntriesMax }) return false;
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var before = list.Content.Count;
        for (var i = 0; i < list.Content.Count;)
        {
            var key = keyOf(list.Content[i]);
            if (key == Wildcard)
            {
                for (var to = 0; to < i; to++) Fill(list, to, list.Content[i], isWildcard: true);
            }
            else if (key.Length == 0 || known.TryAdd(key, i))
            {
                i++;
                continue;
            }
            else
            {
                Fill(list, known[key], list.Content[i], isWildcard: false);
            }

            list.Content.RemoveAt(i);
        }

        return list.Content.Count < before;
    }

    private static void Fill(DocNode list, int index, DocNode from, bool isWildcard)
    {
        if (!isWildcard && list.Content[index].HeadComment.Length == 0) list.Content[index].HeadComment = from.HeadComment;
        if (from.Kind != DocKind.Mapping) return;
        var own = Map(list, index);
        var isTaken = Text(own, "lima").Length > 0 || Text(own, "socket").Length > 0;
        foreach (var (key, value) in from.Entries())
        {
            // A guest's interface has one other end.
            if (isTaken && key.Value is "lima" or "socket" || isWildcard && Keys.Contains(key.Value)) continue;
            Fill(own, key, value);
        }
    }

    private static void Fill(DocNode own, DocNode key, DocNode value)
    {
        if (own.IndexOf(key.Value) is var at && at < 0)
        {
            if (value.IsNull) return;
            own.Content.Add(key.Clone());
            own.Content.Add(value.Clone());
        }
        else if (own.Content[at + 1] is { Kind: DocKind.Mapping } inner && value.Kind == DocKind.Mapping)
        {
            foreach (var (innerKey, innerValue) in value.Entries()) Fill(inner, innerKey, innerValue);
        }
        else if (IsUnset(own.Content[at + 1]))
        {
            own.Content[at + 1] = value.Clone();
        }
    }

    private static bool IsUnset(DocNode node) => node.Kind switch
    {
        DocKind.Scalar => node.IsNull || node.Value.Length == 0,
        DocKind.Sequence => node.Content.Count == 0,
        _ => false,
    };

    /// <summary>The entry as a map: a disk may be written as its name alone.</summary>
    private static DocNode Map(DocNode list, int index)
    {
        var item = list.Content[index];
        if (item.Kind != DocKind.Scalar) return item;
        var map = DocNode.Mapping();
        (map.HeadComment, map.BlankLines, map.File, map.Line, map.Column) = (item.HeadComment, item.BlankLines, item.File, item.Line, item.Column);
        if (list.Style.HasFlag(DocStyle.Flow)) map.Style = DocStyle.Flow;
        (item.HeadComment, item.BlankLines) = ("", 0);
        map.Set("name", item);
        list.Content[index] = map;
        return map;
    }

    private static string Text(DocNode item, string key) => item.Get(key) is { Kind: DocKind.Scalar, IsNull: false } value ? value.Value : "";
}
