using Lima.Domain.Specs;

namespace Lima.Drivers.Images;

/// <summary>Brings images to this machine, once for all instances.</summary>
public interface IImageStore
{
    /// <summary>
    /// Makes the first usable image of <paramref name="candidates"/> available locally: from the cache, by download, or
    /// by building a recipe. Those of another architecture are skipped; when one fails the next is tried.
    /// </summary>
    /// <exception cref="DriverException">None could be had; the message has every attempt's reason.</exception>
    Task<LocalImage> EnsureAsync(
        IReadOnlyList<ImageSource> candidates, string arch, IProgress<StepProgress> progress, CancellationToken cancel);

    /// <summary>Makes a file that is no image available locally, as it is.</summary>
    /// <param name="file">Where it is; not a recipe.</param>
    /// <param name="progress">Gets bytes done and in all.</param>
    /// <param name="cancel">Ends it; what was downloaded is kept.</param>
    /// <returns>Its path, not to be written to.</returns>
    /// <exception cref="DriverException">It could not be had, or has another digest.</exception>
    Task<string> FetchAsync(ArchiveSource file, IProgress<StepProgress> progress, CancellationToken cancel);

    /// <summary>Whether a file needs no network: one of this machine, or a copy in the store.</summary>
    bool HasFile(string location);

    /// <summary>What is in the store, sorted by location. Unfinished downloads are not listed.</summary>
    IReadOnlyList<StoredImage> List();

    /// <summary>
    /// Removes an entry by its location or key, whoever still refers to it: that is for the caller to know. A location of
    /// a recipe removes all that were built from it.
    /// </summary>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="DriverException">The entry is being downloaded or built right now (code <c>image-busy</c>).</exception>
    bool Remove(string locationOrKey);

    /// <summary>Removes all entries but those that are in use or to be kept; see <see cref="ImagePrune"/>.</summary>
    /// <param name="filesInUse">Paths that disks and links of instances lead to.</param>
    /// <param name="keep">Locations to keep.</param>
    PruneResult Prune(IReadOnlyCollection<string> filesInUse, IReadOnlySet<string> keep);
}

/// <summary>An image on this machine, checked and uncompressed, not to be written to.</summary>
/// <param name="Location">Where it came from.</param>
/// <param name="Disk">Path of the disk image.</param>
/// <param name="Kernel">Path of the kernel for direct boot, if it has one.</param>
/// <param name="Initrd">Path of the initial RAM disk, if it has one.</param>
/// <param name="Cmdline">Kernel command line.</param>
/// <param name="InPlace">
/// <see cref="Disk"/> is the user's own file outside the store: an overlay on it is good only as long as that file stays as it is.
/// </param>
public sealed record LocalImage(
    string Location, string Disk, string? Kernel = null, string? Initrd = null, string Cmdline = "", bool InPlace = false);

/// <summary>An entry of the store.</summary>
/// <param name="Key">Name of its directory.</param>
/// <param name="Location">URL or <c>recipe:NAME</c>.</param>
/// <param name="Bytes">Bytes it takes on the disk; holes and second names of one file are not counted.</param>
/// <param name="Modified">When it was made.</param>
/// <param name="Digest">Digest that was verified, or empty.</param>
public sealed record StoredImage(string Key, string Location, long Bytes, DateTimeOffset Modified, string Digest);
