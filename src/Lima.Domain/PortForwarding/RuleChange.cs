using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>A change of the rules for forwards while a machine runs.</summary>
/// <param name="Add">Rules to have from now on, before all others, in this order.</param>
/// <param name="Remove">Rules that are not to count any more, whether they were given live or by the configuration.</param>
public sealed record RuleChange(ImmutableArray<PortForwardSpec> Add, ImmutableArray<PortForwardSpec> Remove)
{
    /// <summary>By what it holds.</summary>
    public bool Equals(RuleChange? other) => other is not null && Add.SequenceEqual(other.Add) && Remove.SequenceEqual(other.Remove);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Add.Length, Remove.Length);
}
