using System.Collections.Immutable;
using System.Text;
using Lima.Templates.Locators;
using Lima.Templates.Yaml;

namespace Lima.Templates.Bases;

/// <summary>Merges the bases of a template into it, depth first: the template wins over its bases, an earlier base over a later one.</summary>
internal sealed class BaseEmbedder(ITemplateSource? templates, ProblemList problems)
{
    private const int DepthMax = 16;
    private const int BasesMax = 64;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Whether a document names a base at all.</summary>
    public static bool HasBases(YamlMap root) => root["base"] switch
    {
        null or { IsNull: true } => false,
        YamlList list => !list.Items.IsEmpty,
        _ => true,
    };

    /// <summary>The document with every base merged in and without its <c>base</c> key.</summary>
    public YamlMap Embed(YamlMap root, string source)
    {
        _seen.Add(source);
        return Embed(root, source, 1);
    }

    private YamlMap Embed(YamlMap root, string source, int depth)
    {
        var result = new YamlMap(root.At, root.Entries.RemoveAll(entry => entry.Key.Value == "base"));
        if (root["base"] is not { IsNull: false } bases) return result;
        if (templates is null && HasBases(root))
        {
            problems.Error(bases.At, "base",
                "field `base` must be empty for YAML validation; bases are merged when an instance is created");
            return result;
        }

        var items = bases is YamlList list ? list.Items : [bases];
        for (var i = 0; i < items.Length; i++)
        {
            if (Load(items[i], bases is YamlList ? $"base[{i}]" : "base", source, depth) is { } merged) result = TreeMerge.Merge(result, merged);
        }

        return result;
    }

    private YamlMap? Load(YamlNode item, string field, string source, int depth)
    {
        if (Locator(item, field, source) is not { } locator) return null;
        if (!_seen.Add(locator)) problems.Error(item.At, field, $"base template loop detected: `{locator}` is used more than once");
        else if (depth > DepthMax) problems.Error(item.At, field, $"bases are nested deeper than {DepthMax} levels at `{locator}`");
        else if (_seen.Count > BasesMax) problems.Error(item.At, field, $"more than {BasesMax} bases; `{locator}` is one too many");
        else if (!templates!.TryRead(locator, out var content, out var problem))
        {
            problems.Error(item.At, field, $"base `{locator}` cannot be read: {problem}");
        }
        else if ((_bytes += content.Length) > YamlLimits.BytesMax)
        {
            problems.Error(item.At, field, $"the bases together are larger than {YamlLimits.BytesMax >> 20} MiB");
        }
        else if (YamlTreeReader.Read(Encoding.UTF8.GetString(content), locator, problems) is { IsNull: false } node)
        {
            if (node is YamlMap map) return Embed(map, locator, depth + 1);
            problems.Error(item.At, field, $"base `{locator}` must be a map, got {node.Kind}");
        }

        return null;
    }

    private string? Locator(YamlNode item, string field, string source)
    {
        var written = item is YamlMap map ? YamlScalars.AsText(map["url"]) : YamlScalars.AsText(item);
        if (written is null)
        {
            problems.Error(item.At, field, $"field `{field}` must be a locator such as `template:NAME`, got {Shown.Node(item)}");
            return null;
        }

        if (item is YamlMap withDigest && YamlScalars.AsText(withDigest["digest"]) is { Length: > 0 })
        {
            problems.Error(item.At, field + ".digest", $"field `{field}.digest`: support is not yet implemented");
            return null;
        }

        if (written.StartsWith("template://", StringComparison.Ordinal))
        {
            problems.Warning(item.At, field,
                $"`{Shown.Value(written)}` is the old form; write `template:{Shown.Value(written["template://".Length..])}`");
        }

        try
        {
            return RelativeLocator.Resolve(written, source);
        }
        catch (LocatorException e)
        {
            problems.Error(item.At, field, $"field `{field}`: {e.Message}");
            return null;
        }
    }
}
