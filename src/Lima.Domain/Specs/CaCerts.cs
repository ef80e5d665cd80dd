using System.Collections.Immutable;

namespace Lima.Domain.Specs;

/// <summary>Authorities that the guest trusts.</summary>
public sealed record CaCertsSpec
{
    /// <summary>Take those away that came with the image.</summary>
    public bool RemoveDefaults { get; init; }

    /// <summary>Files on the host with certificates in PEM, read at every start.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>Certificates in PEM.</summary>
    public ImmutableArray<string> Certs { get; init; } = [];
}
