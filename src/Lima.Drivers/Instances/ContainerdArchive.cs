using Lima.Domain.Specs;
using Lima.Drivers.Images;

namespace Lima.Drivers.Instances;

/// <summary>
/// Brings the archive of containerd, nerdctl and BuildKit to an instance: a link to the one copy in the store, which its
/// machine attaches as a disk. Without it the guest goes on as its boot script says; no start fails for it.
/// </summary>
public sealed class ContainerdArchive(IImageStore images)
{
    private const string Step = "containerd";

    /// <summary>Sees to the archive.</summary>
    /// <param name="spec">What the instance is to be.</param>
    /// <param name="directory">The instance.</param>
    /// <param name="isNew">The instance has never started: only then is the network asked, so that later starts need none.</param>
    /// <param name="progress">Told of the download, and why there is none.</param>
    /// <param name="cancel">Ends the download.</param>
    public async Task EnsureAsync(
        VmSpec spec, InstanceDirectory directory, bool isNew, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        var link = directory.ContainerdArchive;
        if (!spec.Containerd.Wanted || spec.Plain)
        {
            File.Delete(link);
            return;
        }

        if (Of(directory) is not null) return;
        if (spec.Containerd.Archives.FirstOrDefault(archive => archive.Arch == spec.Arch) is not { } archive)
        {
            if (isNew) Say(progress, spec, $"`containerd.archives` has none for `{spec.Arch}`");
            return;
        }

        if (!isNew && !images.HasFile(archive.Location)) return;
        try
        {
            var path = await images.FetchAsync(archive, new Renamed(progress), cancel);
            File.Delete(link);
            File.CreateSymbolicLink(link, path);
        }
        catch (DriverException error)
        {
            Say(progress, spec, error.Message);
        }
    }

    /// <summary>The archive that an instance has, null when there is none: a link may lead to what the store no longer has.</summary>
    public static string? Of(InstanceDirectory directory) =>
        new FileInfo(directory.ContainerdArchive).LinkTarget is { } target && File.Exists(target) ? directory.ContainerdArchive : null;

    private static void Say(IProgress<StepProgress> progress, VmSpec spec, string why) => progress.Report(new StepProgress(
        Step, spec.Containerd.Asked ? $"{why}; the guest's own packages are used instead" : $"{why}; going on without, as nothing asks for it"));

    /// <summary>The store speaks of images.</summary>
    private sealed class Renamed(IProgress<StepProgress> inner) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => inner.Report(value with { Step = "downloading containerd" });
    }
}
