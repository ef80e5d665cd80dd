using System.Collections.Concurrent;

namespace Lima.Drivers.Disks;

/// <summary>
/// Who has a disk. The living QEMU's lock on the image is the truth; between the decision to launch and that lock, it is what
/// this process is launching. The link <c>in_use_by</c> only names whoever it is, for Lima and for people: it says nothing by
/// itself, because it stays behind when a machine loses its power.
/// </summary>
internal sealed class DiskHolders
{
    /// <summary>The link beside the image; its target is the directory of an instance.</summary>
    public const string LinkName = "in_use_by";

    private readonly ConcurrentDictionary<string, string> _launching = new(StringComparer.Ordinal);

    /// <summary>Who has the disk in this directory; null when it is free.</summary>
    /// <exception cref="IOException">It cannot be found out.</exception>
    public DiskHolder? Of(string directory)
    {
        if (_launching.TryGetValue(directory, out var instance)) return new DiskHolder(instance);
        return ImageLock.IsHeld(StoredDisk.DataDiskIn(directory)) ? new DiskHolder(Link(directory)) : null;
    }

    /// <summary>Begins to have the disk for an instance; null when it is free no longer.</summary>
    /// <exception cref="IOException">It cannot be found out, or the link cannot be written.</exception>
    public bool TryTake(string directory, string instanceDirectory)
    {
        // First in, then looked: of two who want it at the same time one is refused here.
        if (!_launching.TryAdd(directory, instanceDirectory)) return false;
        try
        {
            if (ImageLock.IsHeld(StoredDisk.DataDiskIn(directory)))
            {
                Launched(directory);
                return false;
            }

            var link = Path.Combine(directory, LinkName);
            File.Delete(link);
            File.CreateSymbolicLink(link, instanceDirectory);
            return true;
        }
        catch
        {
            Launched(directory);
            throw;
        }
    }

    /// <summary>From here on the lock of QEMU counts alone.</summary>
    public void Launched(string directory) => _launching.TryRemove(directory, out _);

    /// <summary>Removes the link if it names that instance and nobody has the disk.</summary>
    /// <exception cref="IOException">It cannot be found out, or removed.</exception>
    public void Release(string directory, string instanceDirectory)
    {
        if (Link(directory) == instanceDirectory && Of(directory) is null) File.Delete(Path.Combine(directory, LinkName));
    }

    /// <summary>Where the link points; null when there is none.</summary>
    public static string? Link(string directory) => new FileInfo(Path.Combine(directory, LinkName)).LinkTarget;
}

/// <summary>Whoever has a disk.</summary>
/// <param name="InstanceDirectory">Directory of the instance; null when it is no instance that anybody noted.</param>
public sealed record DiskHolder(string? InstanceDirectory)
{
    /// <summary>Name of the instance; null when it is none.</summary>
    public string? Instance => InstanceDirectory is null ? null : Path.GetFileName(InstanceDirectory);

    /// <summary>In a sentence: <c>instance `web`</c>, or another program.</summary>
    public string Text => Instance is { } name ? $"instance `{name}`" : "another program";
}
