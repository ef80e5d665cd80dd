using System.Collections.Immutable;

namespace Lima.Drivers.CloudInit;

/// <summary>Certificates that the guest is to trust.</summary>
internal static class Authorities
{
    /// <summary>Those of files and those in <c>lima.yaml</c>, each ending in one line feed.</summary>
    public static ImmutableArray<string> Of(SeedInput input) =>
        [.. input.AuthorityFiles.Concat(input.Spec.CaCerts.Certs).Select(certificate => certificate.Trim() + "\n")];
}
