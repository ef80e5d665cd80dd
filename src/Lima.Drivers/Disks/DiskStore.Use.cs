namespace Lima.Drivers.Disks;

/// <content>Taking disks for an instance, and letting go of them.</content>
public sealed partial class DiskStore
{
    private readonly DiskHolders _holders = new();

    /// <summary>
    /// Takes disks for an instance that is about to open them, all or none. A link that was left by somebody who has the disk no
    /// longer is taken over.
    /// </summary>
    /// <param name="names">The disks.</param>
    /// <param name="instanceDirectory">Absolute path of the instance's directory.</param>
    /// <exception cref="DriverException">One is missing (<c>disk-not-found</c>), or somebody else has it (<c>disk-in-use</c>).</exception>
    public DiskUse Take(IEnumerable<string> names, string instanceDirectory)
    {
        var use = new DiskUse(_holders, instanceDirectory);
        try
        {
            foreach (var name in names)
            {
                var disk = Require(name);
                var taken = false;
                Guard("locking", name, () => taken = _holders.TryTake(disk.Directory, instanceDirectory));
                if (!taken) throw InUse(name, Require(name).Holder ?? new DiskHolder(null));
                use.Add(disk);
            }

            return use;
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    /// <summary>Removes the link that says who has or had it.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="DriverException">There is no such disk (<c>disk-not-found</c>), it is in use (<c>disk-in-use</c>), or the link cannot be removed.</exception>
    public bool Unlock(string name)
    {
        var disk = Require(name);
        if (disk.Holder is { } holder) throw InUse(name, holder);
        if (disk.StaleLink is null) return false;
        Guard("unlocking", name, () => File.Delete(Path.Combine(disk.Directory, DiskHolders.LinkName)));
        return true;
    }

    /// <summary>Removes the link of one disk, if it names that instance and nobody has the disk.</summary>
    public void Release(string name, string instanceDirectory)
    {
        var directory = DirectoryOf(name);
        if (Directory.Exists(directory)) Guard("unlocking", name, () => _holders.Release(directory, instanceDirectory));
    }

    /// <summary>Removes the links of an instance whose QEMU is gone; one that cannot be removed is harmless and taken over by whoever is next.</summary>
    public void ReleaseAll(string instanceDirectory)
    {
        if (!Directory.Exists(Root)) return;
        foreach (var directory in Directory.EnumerateDirectories(Root))
        {
            try
            {
                _holders.Release(directory, instanceDirectory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not of this instance, or no disk at all; or it stays and is stale.
            }
        }
    }

    private static DriverException InUse(string name, DiskHolder holder) => new(
        "disk-in-use", "locking the disk", $"disk `{name}` is in use by {holder.Text}",
        holder.Instance is { } instance ? $"stop it first: `limactl stop {instance}`" : "see who with `fuser -v` on its datadisk, and end that first");
}

/// <summary>Disks that are being opened. Disposing it lets go of those that nobody has open by then.</summary>
public sealed class DiskUse : IDisposable
{
    private readonly DiskHolders _holders;
    private readonly string _instanceDirectory;
    private readonly List<StoredDisk> _disks = [];

    internal DiskUse(DiskHolders holders, string instanceDirectory) => (_holders, _instanceDirectory) = (holders, instanceDirectory);

    /// <summary>The disks, in the order asked for.</summary>
    public IReadOnlyList<StoredDisk> Disks => _disks;

    internal void Add(StoredDisk disk) => _disks.Add(disk);

    /// <summary>Whoever is to use them has them open now, or never will.</summary>
    public void Dispose()
    {
        foreach (var disk in _disks)
        {
            _holders.Launched(disk.Directory);
            try
            {
                _holders.Release(disk.Directory, _instanceDirectory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The link stays behind and is stale; the next to take the disk takes it over.
            }
        }
    }
}
