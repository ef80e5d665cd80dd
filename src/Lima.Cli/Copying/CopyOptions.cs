namespace Lima.Cli.Copying;

/// <summary>How to copy.</summary>
/// <param name="Recursive">Directories too.</param>
/// <param name="Verbose">Show what is done.</param>
internal sealed record CopyOptions(bool Recursive, bool Verbose);
