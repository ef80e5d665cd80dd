namespace Lima.Drivers.Images;

/// <summary>
/// Removes what nobody needs from the image store. An entry that a disk of an instance lies on, or that its kernel is
/// linked to, is never removed: without it the instance would be lost.
/// </summary>
public sealed class ImagePrune(ImageStoreOptions options, TimeProvider? time = null)
{
    private readonly StoreListing _listing = new(options.CacheDirectory);

    /// <summary>Removes entries, finished or not, and what crashes have left.</summary>
    /// <param name="filesInUse">Paths that disks and links of instances lead to.</param>
    /// <param name="keep">Locations that are kept although no disk lies on them.</param>
    /// <returns>What was removed, and what was kept because it is in use.</returns>
    public PruneResult Run(IReadOnlyCollection<string> filesInUse, IReadOnlySet<string> keep)
    {
        var used = filesInUse.Select(Path.GetFullPath).ToList();
        List<StoredImage> removed = [], inUse = [];
        var keptKeys = keep.Select(EntryFiles.KeyOf).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in _listing.Entries().ToList())
        {
            var image = StoreListing.Describe(entry) ?? new StoredImage(Path.GetFileName(entry), "(unfinished)", 0, default, "");
            if (used.Any(path => path.StartsWith(entry + "/", StringComparison.Ordinal))) inUse.Add(image);
            else if (!keep.Contains(image.Location) && !keptKeys.Contains(image.Key) && TryRemove(entry)) removed.Add(image);
        }

        CacheSweep.Run(options, time ?? TimeProvider.System);
        return new PruneResult(removed, inUse);
    }

    /// <summary>False when it is being downloaded or built right now: then somebody needs it.</summary>
    private static bool TryRemove(string entry)
    {
        try
        {
            StoreListing.RemoveEntry(entry);
            return true;
        }
        catch (DriverException)
        {
            return false;
        }
    }
}

/// <summary>What came of it.</summary>
/// <param name="Removed">Entries that are gone.</param>
/// <param name="InUse">Entries that were kept because disks of instances lie on them.</param>
public sealed record PruneResult(IReadOnlyList<StoredImage> Removed, IReadOnlyList<StoredImage> InUse);
