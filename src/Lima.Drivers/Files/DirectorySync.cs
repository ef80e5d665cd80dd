namespace Lima.Drivers.Files;

/// <summary>Makes what was renamed, made or removed in a directory durable.</summary>
internal static class DirectorySync
{
    /// <summary>Synchronises the directory's entries with the disk.</summary>
    /// <exception cref="IOException">The directory cannot be opened, or the disk reports an error.</exception>
    public static void Flush(string directory)
    {
        using var entries = DirectoryHandle.Open(directory);
        entries.Synchronise();
    }
}
