namespace Lima.Drivers.Images;

/// <summary>Removes what crashes left in the cache. Entries that are in use now are left alone.</summary>
internal static class CacheSweep
{
    private static readonly TimeSpan s_foreignLife = TimeSpan.FromDays(1);

    /// <summary>One pass over all entries; failures do not matter, the next pass comes.</summary>
    internal static void Run(ImageStoreOptions options, TimeProvider time)
    {
        foreach (var root in new[]
                 {
                     EntryFiles.DownloadRoot(options.CacheDirectory), EntryFiles.RecipeRoot(options.CacheDirectory),
                     EntryFiles.LocalRoot(options.CacheDirectory),
                 })
        {
            if (!Directory.Exists(root)) continue;
            foreach (var entry in Directory.EnumerateDirectories(root))
            {
                SweepEntry(entry, options, time);
            }
        }
    }

    private static void SweepEntry(string entry, ImageStoreOptions options, TimeProvider time)
    {
        try
        {
            if (Path.GetFileName(entry).StartsWith(EntryFiles.RemovedPrefix, StringComparison.Ordinal))
            {
                EntryFiles.DeleteTree(entry);
                return;
            }

            using var held = EntryLock.TryAcquire(entry);
            if (held is null) return;
            if (PartialFile.IsStale(EntryFiles.Partial(entry), options.PartialLife, time)) PartialFile.Delete(entry);
            foreach (var file in Directory.EnumerateFiles(entry, "data.tmp.*").Concat(Directory.EnumerateFiles(entry, ".*.tmp")))
            {
                if (PartialFile.IsStale(file, s_foreignLife, time)) File.Delete(file);
            }

            foreach (var directory in Directory.EnumerateDirectories(entry, RecipeBuilder.TemporaryPrefix + "*"))
            {
                EntryFiles.DeleteTree(directory);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Removed by another process meanwhile, or not ours.
        }
    }
}
