namespace Lima.Domain.Specs;

/// <summary>A file that is copied out once the guest is ready.</summary>
/// <param name="Guest">Absolute path in the guest, already expanded.</param>
/// <param name="Host">Absolute path on the host, already expanded.</param>
/// <param name="SkipIfMissing">Whether it is no error that the file is not there.</param>
/// <param name="DeleteOnStop">Whether the copy goes when the instance stops.</param>
public sealed record CopyToHostSpec(string Guest, string Host, bool SkipIfMissing = false, bool DeleteOnStop = false);
