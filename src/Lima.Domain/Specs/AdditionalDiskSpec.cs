using System.Collections.Immutable;

namespace Lima.Domain.Specs;

/// <summary>A further disk of an instance, by the name under which it is kept beside the instances.</summary>
/// <param name="Name">Name of the disk.</param>
/// <param name="Format">Whether the guest makes a file system on it when it has none; null leaves that to the default.</param>
/// <param name="FsType">File system to be made; null for the default.</param>
/// <param name="FsArgs">Arguments for making it.</param>
public sealed record AdditionalDiskSpec(string Name, bool? Format, string? FsType, ImmutableArray<string> FsArgs);
