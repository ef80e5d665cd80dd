namespace Lima.Drivers.Images;

/// <summary>
/// Makes the file that instances use: decompressed if need be, under a name that belongs to this version alone. Overlays
/// refer to it, so it must not change when the entry gets a newer version. Used only under the entry's lock.
/// </summary>
internal static class Preparation
{
    /// <summary>
    /// Makes <c>image/VERSION/PURPOSE</c> in the entry from a source file, once. The extension of <paramref name="location"/>,
    /// which is what the user calls the source, counts.
    /// </summary>
    internal static async Task<string> RunAsync(
        string location, string source, string entry, FilePurpose purpose, ThrottledProgress progress, CancellationToken cancel)
    {
        var directory = Path.Combine(entry, "image", VersionOf(source));
        var target = Path.Combine(directory, purpose.ToString().ToLowerInvariant());
        if (File.Exists(target)) return target;
        var compression = purpose == FilePurpose.Initrd ? Compression.None : Decompressor.Detect(location, source);
        EntryLock.CreatePrivate(directory);
        foreach (var left in Directory.EnumerateFiles(directory, "*.tmp")) File.Delete(left);
        var temporary = target + ".tmp";
        try
        {
            if (compression != Compression.None)
            {
                await Decompressor.RunAsync(compression, location, source, temporary, progress, cancel);
            }
            else if (NativeFiles.Link(source, temporary) != 0)
            {
                // No second name to be had on this file system: a copy (which shares its blocks where that is possible).
                File.Copy(source, temporary);
            }

            File.Move(temporary, target);
            return target;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Tells one version of a file from the next without reading it.</summary>
    private static string VersionOf(string source)
    {
        var info = new FileInfo(source);
        return EntryFiles.KeyOf($"{info.Length} {info.LastWriteTimeUtc.Ticks}")[..16];
    }
}
