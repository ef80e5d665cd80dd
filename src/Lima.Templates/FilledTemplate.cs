using System.Text.Json;
using Lima.Templates.Output;
using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates;

/// <summary>
/// A configuration with every default set and every text expanded: what <c>template copy --fill</c> prints and <c>list</c>
/// shows as <c>config</c>. It has what Lima's own has, in the same order.
/// </summary>
public sealed class FilledTemplate
{
    internal FilledTemplate(YamlMap root) => Root = root;

    /// <summary>The configuration as a tree; its nodes have their places in the texts they came from.</summary>
    internal YamlMap Root { get; }

    /// <summary>The same with its hypervisor named even where no text does.</summary>
    public FilledTemplate WithVmType()
    {
        if (Root["vmType"] is not null) return this;
        var draft = new Defaults.Draft(Root, LimaSchema.Root, "", Root.At);
        draft.Set("vmType", "qemu");
        return new FilledTemplate(draft.ToMap());
    }

    /// <summary>The configuration as YAML.</summary>
    public string ToYaml() => YamlTreeWriter.Write(Root);

    /// <summary>Writes the configuration as one JSON object; the caller flushes.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="emptyGroups">Also write groups of fields of which none is set, as <c>info</c> does.</param>
    public void WriteJson(Utf8JsonWriter writer, bool emptyGroups = false) => FilledJson.Write(writer, Root, LimaSchema.Root, emptyGroups);
}
