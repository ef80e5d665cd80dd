using Lima.Domain.Specs;

namespace Lima.Drivers.Images;

/// <summary>The image store: Lima's download cache, the user's own files, and recipes.</summary>
public sealed class ImageStore : IImageStore, IDisposable
{
    private readonly ImageStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly DownloadCache _downloads;
    private readonly LocalFiles _local;
    private readonly RecipeBuilder _recipes;
    private readonly StoreListing _listing;

    /// <summary>Opens the store; nothing is created before it is needed.</summary>
    public ImageStore(ImageStoreOptions options, TimeProvider? time = null)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _downloads = new DownloadCache(options, time);
        _local = new LocalFiles(options, _time);
        _recipes = new RecipeBuilder(options, _time);
        _listing = new StoreListing(options.CacheDirectory);
    }

    /// <summary>The download cache beneath, for other files than images.</summary>
    public DownloadCache Downloads => _downloads;

    /// <summary>The first image of the architecture says which kind is wanted; others of the architecture are not its substitutes.</summary>
    internal static IReadOnlyList<ImageSource> Eligible(IReadOnlyList<ImageSource> candidates, string arch)
    {
        var first = candidates.FirstOrDefault(candidate => candidate.Arch == arch);
        return [.. candidates.Where(candidate => candidate.Arch == arch && candidate.Variant == first!.Variant && candidate.ArchVariant == first.ArchVariant)];
    }

    /// <inheritdoc/>
    public async Task<LocalImage> EnsureAsync(
        IReadOnlyList<ImageSource> candidates, string arch, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        if (candidates.Count == 0) throw ImageErrors.NoneGiven();
        var fitting = Eligible(candidates, arch);
        if (fitting.Count == 0) throw ImageErrors.NoneForArch(arch, candidates.Select(candidate => candidate.Arch));

        var throttled = new ThrottledProgress(progress, _time);
        var failures = new List<DriverException>();
        var deadHosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var candidate in fitting)
        {
            // Waiting again for a host that was just found to be out of reach would only delay the next candidate.
            if (deadHosts.Contains(HostOf(candidate.Location)) && !_downloads.Has(candidate.Location)) continue;
            if (failures.Count > 0) SayInstead(throttled, failures, candidate.Location);
            try
            {
                return await TryAsync(candidate, progress, throttled, cancel);
            }
            catch (DriverException error)
            {
                failures.Add(error);
                // With a kernel of its own it may have been the kernel's host.
                if (error.Cause.Code == ImageErrors.NoNetworkCode && candidate.Kernel is null && candidate.Initrd is null)
                {
                    deadHosts.Add(HostOf(candidate.Location));
                }
            }
        }

        throw failures.Count == 1 ? failures[0] : ImageErrors.NoneUsable(failures);
    }

    /// <inheritdoc/>
    public async Task<string> FetchAsync(ArchiveSource file, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        try
        {
            return await FileAsync(file.Location, file.Digest, FilePurpose.Archive, progress, new ThrottledProgress(progress, _time), cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ImageErrors.Unwritable(_options.CacheDirectory, error);
        }
    }

    /// <inheritdoc/>
    public bool HasFile(string location) => LocalFiles.Is(location) || _downloads.Has(location);

    /// <inheritdoc/>
    public IReadOnlyList<StoredImage> List() => _listing.List();

    /// <inheritdoc/>
    public bool Remove(string locationOrKey) => _listing.Remove(locationOrKey);

    /// <inheritdoc/>
    public PruneResult Prune(IReadOnlyCollection<string> filesInUse, IReadOnlySet<string> keep) => new ImagePrune(_options, _time).Run(filesInUse, keep);

    /// <inheritdoc/>
    public void Dispose() => _downloads.Dispose();

    private static string HostOf(string location) =>
        location.StartsWith("http", StringComparison.Ordinal) && Uri.TryCreate(location, UriKind.Absolute, out var url)
            ? url.Authority
            : location;

    private static void SayInstead(ThrottledProgress progress, List<DriverException> failures, string next)
    {
        var instead = RecipeFolder.Is(next) ? $"building {next} from packages instead" : $"using {next} instead";
        progress.Say(new StepProgress(
            ImageErrors.Choosing, $"{string.Join("; ", failures.Select(failure => failure.Message))}; {instead}"));
    }

    private async Task<LocalImage> TryAsync(
        ImageSource candidate, IProgress<StepProgress> progress, ThrottledProgress throttled, CancellationToken cancel)
    {
        try
        {
            var image = RecipeFolder.Is(candidate.Location)
                ? await _recipes.GetAsync(candidate.Location, candidate.Arch, throttled, cancel)
                : await DiskAsync(candidate, progress, throttled, cancel);
            if (candidate.Kernel is { } kernel)
            {
                var path = await FileAsync(kernel.Location, kernel.Digest, FilePurpose.Kernel, progress, throttled, cancel);
                image = image with { Kernel = path, Initrd = null, Cmdline = kernel.Cmdline };
            }

            if (candidate.Initrd is not { } initrd) return image;
            return image with { Initrd = await FileAsync(initrd.Location, initrd.Digest, FilePurpose.Initrd, progress, throttled, cancel) };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ImageErrors.Unwritable(_options.CacheDirectory, error);
        }
    }

    private async Task<LocalImage> DiskAsync(
        ImageSource candidate, IProgress<StepProgress> progress, ThrottledProgress throttled, CancellationToken cancel)
    {
        var disk = await FileAsync(candidate.Location, candidate.Digest, FilePurpose.Disk, progress, throttled, cancel);
        var isInPlace = LocalFiles.Is(candidate.Location) && disk == LocalFiles.PathOf(candidate.Location);
        return new LocalImage(candidate.Location, disk, InPlace: isInPlace);
    }

    private Task<string> FileAsync(string location, string digest, FilePurpose purpose,
        IProgress<StepProgress> progress, ThrottledProgress throttled, CancellationToken cancel)
    {
        var expected = ImageDigest.Parse(digest);
        return LocalFiles.Is(location)
            ? _local.GetAsync(location, expected, purpose, throttled, cancel)
            : _downloads.GetAsync(location, expected, purpose, progress, cancel);
    }
}
