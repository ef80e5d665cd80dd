using System.Collections.Immutable;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>What an expression is evaluated against: nodes and variables.</summary>
/// <param name="Nodes">The nodes; an operator that changes them in place hands on this very list.</param>
/// <param name="Variables">Variables by name without the dollar sign.</param>
/// <param name="ReadOnly">Whether paths that lead nowhere give nothing; else they are made.</param>
internal sealed record YqContext(List<DocNode> Nodes, ImmutableDictionary<string, List<DocNode>> Variables, bool ReadOnly)
{
    public static YqContext Of(IEnumerable<DocNode> nodes) => new([.. nodes], ImmutableDictionary<string, List<DocNode>>.Empty, false);

    /// <summary>The first node, if there is any.</summary>
    public DocNode? First => Nodes.Count > 0 ? Nodes[0] : null;

    public YqContext With(List<DocNode> nodes) => this with { Nodes = nodes };

    public YqContext With(DocNode node) => this with { Nodes = [node] };

    public YqContext AsReadOnly() => ReadOnly ? this : this with { ReadOnly = true };

    public YqContext AsWritable() => ReadOnly ? this with { ReadOnly = false } : this;

    public YqContext Set(string name, List<DocNode> value) => this with { Variables = Variables.SetItem(name, value) };

    /// <summary>Whether operators take the nodes together: so they do for documents that are evaluated all at once.</summary>
    public bool IsTogether => Nodes.TrueForAll(node => node.Together);
}
