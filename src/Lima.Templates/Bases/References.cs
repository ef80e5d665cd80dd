using Lima.Templates.Documents;
using Lima.Templates.Locators;
using Lima.Templates.Yaml;

namespace Lima.Templates.Bases;

/// <summary>The places in a template that name other texts: <c>base</c>, and <c>file</c> of provisions and probes.</summary>
internal sealed class References(DocNode root)
{
    private static readonly string[] ListsWithFiles = ["probes", "provision"];

    /// <summary>Every base, with its field.</summary>
    public IEnumerable<(DocNode Node, string Field)> Bases() => root.Get("base")?.Resolved switch
    {
        null or { IsNull: true } => [],
        { Kind: DocKind.Sequence } list => list.Content.Select((item, i) => (item.Resolved, $"base[{i}]")),
        var one => [(one, "base")],
    };

    /// <summary>Entries of provisions and probes that name a file, with their field.</summary>
    public IEnumerable<(DocNode Entry, string List, string Field)> Files() =>
        from list in ListsWithFiles
        where root.Get(list)?.Resolved is { Kind: DocKind.Sequence }
        from item in root.Get(list)!.Resolved.Content.Select((item, i) => (Entry: item.Resolved, Index: i))
        where item.Entry.Get("file")?.Resolved is { IsNull: false }
        select (item.Entry, list, $"{list}[{item.Index}].file");

    /// <summary>Whether the template names any.</summary>
    public bool Any => Bases().Any() || Files().Any();

    /// <summary>The node that holds a locator's text, which is either the node itself or its <c>url</c>; null when there is none.</summary>
    public static DocNode? Url(DocNode node) =>
        (node.Kind == DocKind.Mapping ? node.Get("url")?.Resolved : node) is { Kind: DocKind.Scalar, IsNull: false } scalar ? scalar : null;

    /// <summary>Whether a digest was asked for, which nothing can check yet.</summary>
    public static bool HasDigest(DocNode node) => node.Get("digest")?.Resolved is { IsNull: false } digest && (digest.Kind != DocKind.Scalar || digest.Value.Length > 0);

    /// <summary>Makes every locator absolute in place, so that the template means the same wherever it is kept; gives those that cannot be.</summary>
    public IReadOnlySet<DocNode> MakeAbsolute(string source, string home, ProblemList problems)
    {
        var all = Bases().Concat(Files().Select(file => (Node: file.Entry.Get("file")!.Resolved, file.Field))).ToArray();
        return all.Where(reference => !MakeAbsolute(reference.Node, reference.Field, source, home, problems)).Select(reference => reference.Node).ToHashSet();
    }

    private static bool MakeAbsolute(DocNode node, string field, string source, string home, ProblemList problems)
    {
        var at = new Position(node.File, node.Line, node.Column);
        if (Url(node) is not { } url)
        {
            problems.Error(at, field, $"field `{field}` must be a locator such as `template:NAME`, got {Kind(node)}");
            return false;
        }

        try
        {
            if (Locator.Parse(url.Value) is { IsLegacy: true } legacy)
                problems.Warning(at, field, $"`{Shown.Value(url.Value)}` is the old form; write `{Shown.Value(legacy.Canonical)}`");
            url.Value = RelativeLocator.Resolve(url.Value, source, home);
            return true;
        }
        catch (LocatorException e)
        {
            problems.Error(at, field, $"field `{field}`: {e.Message}");
            return false;
        }
    }

    private static string Kind(DocNode node) => node.Kind switch
    {
        DocKind.Sequence => "a list",
        DocKind.Mapping => "a map without `url`",
        _ => "nothing",
    };
}
