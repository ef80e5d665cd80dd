using Lima.Domain.Catalog;
using Lima.Domain.Vms;
using Lima.Drivers.Disks;

namespace Lima.Drivers.Instances;

/// <summary>The instance directories on a local file system.</summary>
/// <param name="home">Where they are.</param>
/// <param name="version">Written into those that are created.</param>
/// <param name="disks">The disks beside them; null for those of the home that nobody else here uses.</param>
public sealed class InstanceStore(LimaHome home, string version, DiskStore? disks = null) : IInstanceStore
{
    private readonly DiskStore _disks = disks ?? new DiskStore(home);
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly Lock _scan = new();

    /// <inheritdoc/>
    public LimaHome Home => home;

    /// <inheritdoc/>
    public IReadOnlyList<UnusableInstance> Unusable { get; private set; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<FoundInstance> Scan()
    {
        lock (_scan)
        {
            var found = new List<FoundInstance>();
            var taken = new HashSet<VmId>();
            var unusable = new List<UnusableInstance>();
            // The oldest directory keeps an identity that stands in several: the others are copies.
            foreach (var directory in Directories().OrderBy(Age))
            {
                try
                {
                    if (Identify(directory, taken) is { } id) found.Add(new FoundInstance(id, directory.Name));
                    else unusable.Add(new UnusableInstance(directory, $"{directory.LimaYaml} is missing"));
                }
                catch (Exception e) when (e is DriverException or IOException or UnauthorizedAccessException)
                {
                    // One that is another user's, or on a disk that is full, must not hide all others.
                    unusable.Add(new UnusableInstance(directory, e.Message));
                }
            }

            Unusable = [.. unusable.OrderBy(u => u.Directory.Name.Value, StringComparer.Ordinal)];
            return found;
        }
    }

    /// <summary>The identity in the directory, or a new one; null when nothing in it says that it is an instance.</summary>
    private static VmId? Identify(InstanceDirectory directory, HashSet<VmId> taken)
    {
        var known = ReadId(directory);
        if (known is null && !Path.Exists(directory.LimaYaml)) return null;
        if (known is { } id && taken.Add(id)) return id;
        var made = VmId.From(Guid.NewGuid());
        Files.AtomicFile.Write(directory.IdFile, made.Value + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        taken.Add(made);
        return made;
    }

    private static DateTime Age(InstanceDirectory directory)
    {
        try
        {
            return File.GetCreationTimeUtc(directory.IdFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DateTime.MaxValue;
        }
    }

    /// <inheritdoc/>
    public void Create(VmId id, VmName name, string yaml)
    {
        var target = home.Instance(name);
        SocketPaths.Require(target, "creating the instance");
        // Made complete under a name that is no instance, then renamed: a reader sees all of it or nothing.
        var draft = Path.Combine(home.HostDirectory, $"new-{id}");
        try
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
            Directory.CreateDirectory(draft, Private);
            Files.AtomicFile.Write(
                Path.Combine(draft, Path.GetFileName(target.LimaYaml)), yaml,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            Files.AtomicFile.Write(Path.Combine(draft, Path.GetFileName(target.LimaVersion)), version, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            Files.AtomicFile.Write(Path.Combine(draft, Path.GetFileName(target.IdFile)), id.Value + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (Path.Exists(target.Path)) throw Exists(target);
            Directory.Move(draft, target.Path);
            Files.DirectorySync.Flush(home.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Path.Exists(target.Path)) throw Exists(target);
            throw new DriverException("home-unwritable", "creating the instance", $"cannot write to {home.Path}: {e.Message}", "check its permissions and free space", e);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Remove(VmName name)
    {
        var directory = home.Instance(name);
        if (File.Exists(directory.Protected)) throw InstanceProtection.Refusal(directory, "removal");
        _disks.ReleaseAll(directory.Path);
        try
        {
            // Out of sight first, by one rename; what is left of a removal that was cut short is no instance any more.
            var doomed = Path.Combine(home.HostDirectory, $"old-{Guid.NewGuid():N}");
            if (Directory.Exists(directory.Path)) Directory.Move(directory.Path, doomed);
            if (Directory.Exists(doomed)) Directory.Delete(doomed, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone is what was wanted.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(VmCauses.RemoveFailed, "deleting", $"cannot remove {directory.Path}: {e.Message}", "check its permissions, then delete it again", e);
        }
    }

    /// <inheritdoc/>
    public void CleanUp(VmName name)
    {
        var directory = home.Instance(name);
        _disks.ReleaseAll(directory.Path);
        if (!Directory.Exists(directory.Path)) return;
        string[] files = [directory.QemuPid, directory.QmpSocket, directory.PlugSocket, directory.TpmSocket, directory.SerialSocket, directory.VirtioSerialSocket];
        foreach (var file in files.Concat(Directory.EnumerateFiles(directory.Path, "vfs-*.sock")))
        {
            try
            {
                File.Delete(file);
            }
            catch (DirectoryNotFoundException)
            {
                // The directory was removed by hand, and all that was in it.
            }
        }
    }

    /// <summary>Removes what a killed host left half-done; run once at start, under the host's lock.</summary>
    public void RemoveLeftovers()
    {
        if (!Directory.Exists(home.HostDirectory)) return;
        foreach (var leftover in Directory.EnumerateDirectories(home.HostDirectory, "new-*").Concat(Directory.EnumerateDirectories(home.HostDirectory, "old-*")))
        {
            try
            {
                Directory.Delete(leftover, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Harmless where it is; the next start tries again.
            }
        }
    }

    private static DriverException Exists(InstanceDirectory directory) => new(
        "instance-exists", "creating the instance", $"instance `{directory.Name}` already exists",
        $"start it with `limactl start {directory.Name}`, or choose another name with --name");

    private IEnumerable<InstanceDirectory> Directories() => Directory.Exists(home.Path)
        ? Directory.EnumerateDirectories(home.Path)
            .Select(Path.GetFileName)
            .Select(name => VmName.TryParse(name, out var valid, out _) ? home.Instance(valid) : null)
            .OfType<InstanceDirectory>()
        : [];

    private static VmId? ReadId(InstanceDirectory directory)
    {
        try
        {
            return VmId.TryParse(File.ReadAllText(directory.IdFile), out var id) ? id : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
