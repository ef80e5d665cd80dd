using System.Text;
using Lima.Domain.Catalog;
using Lima.Domain.Vms;

namespace Lima.Drivers.Instances;

/// <summary>The instance directories on a local file system.</summary>
public sealed class InstanceStore(LimaHome home, string version) : IInstanceStore
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly Lock _scan = new();

    /// <inheritdoc/>
    public LimaHome Home => home;

    /// <inheritdoc/>
    public IReadOnlyList<FoundInstance> Scan()
    {
        lock (_scan)
        {
            var found = new List<FoundInstance>();
            var taken = new HashSet<VmId>();
            // The oldest directory keeps an identity that stands in several: the others are copies.
            foreach (var directory in Directories().OrderBy(d => File.GetCreationTimeUtc(d.IdFile)))
            {
                var id = ReadId(directory);
                if (id is null || !taken.Add(id.Value))
                {
                    id = VmId.From(Guid.NewGuid());
                    taken.Add(id.Value);
                    Files.AtomicFile.Write(directory.IdFile, id.Value.Value + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }

                found.Add(new FoundInstance(id.Value, directory.Name));
            }

            return found;
        }
    }

    /// <inheritdoc/>
    public void Create(VmId id, VmName name, string yaml)
    {
        var target = home.Instance(name);
        // QEMU's and OpenSSH's sockets live in the directory; OpenSSH adds a dot and 16 characters while it makes its own.
        var longest = Encoding.UTF8.GetByteCount(target.SshControlSocket) + 17;
        if (longest >= 108)
        {
            throw new DriverException(
                "name-too-long", "creating the instance",
                $"instance name `{name}` is too long for this home: the path of its sockets would be {longest} bytes, the system allows 107",
                "choose a shorter name or a shorter LIMA_HOME");
        }

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
            if (Directory.Exists(target.Path)) throw Exists(target);
            Directory.Move(draft, target.Path);
            Files.DirectorySync.Flush(home.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(target.Path)) throw Exists(target);
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
        if (File.Exists(directory.Protected))
        {
            throw new DriverException(
                "protected", "deleting", $"instance `{name}` is protected to prohibit accidental removal", $"remove the file {directory.Protected} first");
        }

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
        foreach (var file in new[] { directory.QemuPid, directory.QmpSocket, directory.SerialSocket, directory.VirtioSerialSocket })
        {
            File.Delete(file);
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
            .Where(d => File.Exists(d.LimaYaml))
        : [];

    private static VmId? ReadId(InstanceDirectory directory)
    {
        try
        {
            return VmId.TryParse(File.ReadAllText(directory.IdFile), out var id) ? id : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
