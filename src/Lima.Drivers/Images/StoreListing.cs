namespace Lima.Drivers.Images;

/// <summary>What is in the store, and removing it.</summary>
internal sealed class StoreListing(string cache)
{
    /// <summary>All complete entries, sorted by location.</summary>
    internal IReadOnlyList<StoredImage> List() =>
        [.. Entries().Select(Describe).OfType<StoredImage>().OrderBy(image => image.Location, StringComparer.Ordinal)];

    /// <summary>Removes entries by key or location.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="DriverException">One is in use.</exception>
    internal bool Remove(string locationOrKey)
    {
        var found = Entries().Where(entry => Path.GetFileName(entry) == locationOrKey || LocationOf(entry) == locationOrKey).ToList();
        // An unfinished download has no `url` file yet, but its directory is named after its URL.
        var unfinished = Path.Combine(EntryFiles.DownloadRoot(cache), EntryFiles.KeyOf(locationOrKey));
        if (Directory.Exists(unfinished) && !found.Contains(unfinished)) found.Add(unfinished);
        foreach (var entry in found) RemoveEntry(entry);
        return found.Count > 0;
    }

    internal static void RemoveEntry(string entry)
    {
        using var held = EntryLock.TryAcquire(entry);
        if (held is null)
        {
            if (!Directory.Exists(entry)) return;
            throw ImageErrors.Busy(entry);
        }

        // Out of sight at once; those that wait for the lock notice and begin anew.
        var aside = Path.Combine(Path.GetDirectoryName(entry)!, $"{EntryFiles.RemovedPrefix}{Guid.NewGuid():N}");
        Directory.Move(entry, aside);
        EntryFiles.DeleteTree(aside);
    }

    internal IEnumerable<string> Entries() =>
        new[] { EntryFiles.DownloadRoot(cache), EntryFiles.RecipeRoot(cache), EntryFiles.LocalRoot(cache) }
            .Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories)
            .Where(entry => !Path.GetFileName(entry).StartsWith('.'));

    private static string LocationOf(string entry) => RecipeBuilder.ReadInfo(entry)?.Recipe ?? EntryFiles.Read(EntryFiles.Url(entry));

    internal static StoredImage? Describe(string entry)
    {
        try
        {
            var recipe = RecipeBuilder.ReadInfo(entry);
            var location = recipe?.Recipe ?? EntryFiles.Read(EntryFiles.Url(entry));
            if (location.Length == 0) return null;
            var data = new FileInfo(EntryFiles.Data(entry));
            var modified = recipe?.Built
                ?? (data.Exists ? data.LastWriteTimeUtc : new FileInfo(EntryFiles.Url(entry)).LastWriteTimeUtc);
            return new StoredImage(Path.GetFileName(entry), location, BytesOf(entry), modified, DigestOf(entry));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Removed by another process while we looked.
            return null;
        }
    }

    private static string DigestOf(string entry) =>
        Directory.EnumerateFiles(entry, "*.digest").Order(StringComparer.Ordinal).Select(EntryFiles.Read).FirstOrDefault() ?? "";

    private static long BytesOf(string entry) =>
        Directory.EnumerateFiles(entry, "*", SearchOption.AllDirectories).Select(path => NativeFiles.Identify(path))
            .OfType<FileIdentity>().DistinctBy(file => (file.Device, file.Inode)).Sum(file => file.AllocatedBytes);
}
