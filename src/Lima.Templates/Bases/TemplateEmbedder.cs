using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Locators;
using Lima.Templates.Yaml;

namespace Lima.Templates.Bases;

/// <summary>
/// Puts the bases and files that a template names into it, depth first: the template wins over its bases, an earlier base
/// over a later one. Nodes keep the text and line they came from.
/// </summary>
internal sealed class TemplateEmbedder(ITemplateSource templates, EmbedOptions options, ProblemList problems)
{
    private const int DepthMax = 16;
    private const int BasesMax = 64;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private long _bytes;
    private long _nodes;

    /// <summary>Embeds in place. False when there was nothing to do, so that the text can be kept to the letter.</summary>
    /// <param name="root">Root of the template.</param>
    /// <param name="source">Locator of the template.</param>
    public bool Embed(DocNode root, string source)
    {
        if (options.DefaultBase is { } first) AddFirst(root, first);
        if (root.Kind != DocKind.Mapping) return false;
        var any = new References(root).Any;
        if (any) Flattening.Apply(root);
        _seen.Add(source);
        if (any) Embed(root, source, 1);

        // Last of all, so that an entry for everything meets the entries of all bases.
        return ListCombiner.Combine(root) | any;
    }

    private static void AddFirst(DocNode root, string locator)
    {
        if (root.IsNull) (root.Kind, root.Tag, root.Value) = (DocKind.Mapping, DocTags.Map, "");
        if (root.Kind != DocKind.Mapping) return;
        var list = DocNode.Sequence();
        list.Content.Add(DocNode.Scalar(locator, DocTags.Str));
        list.Content.AddRange(new References(root).Bases().Select(reference => reference.Node));
        root.Set("base", list);
    }

    private void Embed(DocNode root, string source, int depth)
    {
        var wrong = new References(root).MakeAbsolute(source, options.Home, problems);
        var left = new References(root).Bases().Where(reference => !wrong.Contains(reference.Node)).ToList();
        var wasList = root.Get("base")?.Kind == DocKind.Sequence;
        while (left.Count > 0)
        {
            if (!options.All && IsTemplate(left[0].Node))
            {
                CheckRest(left);
                break;
            }

            var (item, field) = left[0];
            left.RemoveAt(0);
            if (Load(item, field, source, depth) is not { } loaded) continue;
            left.InsertRange(0, new References(loaded).Bases());
            loaded.Remove("base");
            if (loaded.Kind == DocKind.Mapping) DocMerge.Merge(root, loaded);
            else DocMerge.MergeComments(root, loaded);
        }

        Keep(root, [.. left.Select(reference => reference.Node)], wasList);
        EmbedFiles(root, wrong);
    }

    /// <summary>What stays a reference stays in its place.</summary>
    private static void Keep(DocNode root, DocNode[] left, bool asList)
    {
        if (left.Length == 0)
        {
            if (root.IndexOf("base") == 0 && root.Content.Count > 2 && root.HeadComment.Length == 0) root.Content[2].BlankLines = 0;
            root.Remove("base");
        }
        else if (left.Length == 1 && !asList)
        {
            root.Set("base", left[0]);
        }
        else
        {
            var list = DocNode.Sequence();
            list.Content.AddRange(left);
            root.Set("base", list);
        }
    }

    private void CheckRest(List<(DocNode Node, string Field)> left)
    {
        foreach (var (node, field) in left.Skip(1).Where(reference => !IsTemplate(reference.Node)))
            Error(node, field, $"cannot embed template `{Shown.Value(References.Url(node)!.Value)}` after not embedding `{Shown.Value(References.Url(left[0].Node)!.Value)}`");
    }

    private DocNode? Load(DocNode item, string field, string source, int depth)
    {
        var locator = References.Url(item)!.Value;
        var shown = Shown.Value(locator);
        if (References.HasDigest(item)) Error(item, field + ".digest", $"base `{shown}` in `{source}` has specified a digest; digest support is not yet implemented");
        else if (!_seen.Add(locator)) Error(item, field, $"base template loop detected: template `{shown}` already included");
        else if (depth > DepthMax) Error(item, field, $"bases are nested deeper than {DepthMax} levels at `{shown}`");
        else if (_seen.Count > BasesMax) Error(item, field, $"more than {BasesMax} bases; `{shown}` is one too many");
        else if (Read(item, field, "base", locator) is { } content && Parse(item, field, content, locator) is { } root)
        {
            Flattening.Apply(root);
            if (root.Kind == DocKind.Mapping) Embed(root, locator, depth + 1);
            return root;
        }

        return null;
    }

    private DocNode? Parse(DocNode item, string field, byte[] content, string locator)
    {
        var text = Encoding.UTF8.GetString(content);
        if (YamlTreeReader.Read(text, locator, problems) is not { } tree || DocReader.Read(text, locator, problems) is not [var document, ..]) return null;

        // Of a short text, aliases can make a tree of any size.
        if ((_nodes += tree.Size) > YamlLimits.NodesMax)
        {
            Error(item, field, $"with base `{Shown.Value(locator)}` the bases have more than {YamlLimits.NodesMax} values, aliases followed");
            return null;
        }

        if (tree is YamlMap || document.Root.IsNull) return document.Root;
        Error(item, field, $"base `{Shown.Value(locator)}` must be a map, got {tree.Kind}");
        return null;
    }

    private void EmbedFiles(DocNode root, IReadOnlySet<DocNode> wrong)
    {
        foreach (var (entry, list, field) in new References(root).Files().ToArray())
        {
            var file = entry.Get("file")!;
            var key = Target(entry, list);
            if (wrong.Contains(file) || entry.Get(key) is { IsNull: false } || References.Url(file) is not { } url || (!options.All && IsTemplate(file))) continue;
            if (References.HasDigest(file)) Error(file, field + ".digest", $"field `{field}.digest` support is not yet implemented");
            else if (Read(file, field, "file", url.Value) is { } content) Put(root.Get(list)!, entry, key, url, content);
        }
    }

    /// <summary>The key of a file becomes the key of its content, comments and place staying.</summary>
    private static void Put(DocNode list, DocNode entry, string key, DocNode url, byte[] content)
    {
        entry.Remove(key);
        var at = entry.IndexOf("file");
        var text = FileText.Node(content);
        (text.File, text.Line, text.Column) = (url.File, url.Line, url.Column);
        text.LineComment = entry.Content[at].LineComment.Length > 0 ? entry.Content[at].LineComment : url.LineComment;
        entry.Content[at].LineComment = "";
        entry.Content[at].Value = key;
        entry.Content[at + 1] = text;
        if (!text.Value.Contains('\n')) return;
        entry.Style &= ~DocStyle.Flow;
        list.Style &= ~DocStyle.Flow;
    }

    private static string Target(DocNode entry, string list) => list == "probes" ? "script" : entry.Get("mode")?.Value switch
    {
        "data" => "content",
        "yq" => "expression",
        _ => "script",
    };

    private byte[]? Read(DocNode item, string field, string what, string locator)
    {
        if (!templates.TryRead(locator, out var content, out var problem))
        {
            Error(item, field, $"{what} `{Shown.Value(locator)}` cannot be read: {problem}");
            return null;
        }

        if ((_bytes += content.Length) <= YamlLimits.BytesMax) return content;
        Error(item, field, $"embedding `{Shown.Value(locator)}` exceeds the size limit of {YamlLimits.BytesMax >> 20} MiB for all bases and files together");
        return null;
    }

    private static bool IsTemplate(DocNode item) => References.Url(item) is { } url && Locator.Parse(url.Value).Kind == LocatorKind.Template;

    private void Error(DocNode at, string field, string message) => problems.Error(new Position(at.File, at.Line, at.Column), field, message);
}
