namespace Lima.Drivers.CloudInit;

/// <summary>One regular file for an ISO image.</summary>
/// <param name="Path">Path inside the image, parts joined by <c>/</c>, none at the start (<c>boot.d/05-environment.sh</c>).</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Permission bits.</param>
public sealed record IsoFile(string Path, ReadOnlyMemory<byte> Content, UnixFileMode Mode);

/// <summary>What an ISO image says of itself.</summary>
/// <param name="Label">Volume label, at most 32 ASCII characters.</param>
/// <param name="Timestamp">Time of every file and of the volume; a fixed one makes the image depend on its files only.</param>
/// <param name="DirectoryMode">Permission bits of every directory.</param>
public sealed record IsoVolume(string Label, DateTimeOffset Timestamp, UnixFileMode DirectoryMode);
