using Lima.Domain.Specs;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;
using Lima.Drivers.Qemu.Disks;

namespace Lima.Drivers.Disks;

/// <summary>
/// The disks in <c>_disks/</c> of a home, by Lima's layout: <c>NAME/datadisk</c> is the image, and <c>NAME/in_use_by</c>, a
/// link to the directory of an instance, names who has it while a QEMU has it open (<see cref="DiskHolders"/>).
/// </summary>
public sealed partial class DiskStore(LimaHome home, string qemuImg = "qemu-img")
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly DiskImages _images = new(qemuImg);
    private readonly EmptyDisk _empty = new(qemuImg);

    /// <summary>All disks, sorted by name. A directory without an image is none; one whose image cannot be read has the format <c>damaged</c>.</summary>
    public IReadOnlyList<StoredDisk> List()
    {
        if (!Directory.Exists(Root)) return [];
        var names = Directory.EnumerateDirectories(Root).Select(d => Path.GetFileName(d)).Where(n => Identifier.Problem(n, "disk") is null);
        return [.. names.Select(Look).OfType<StoredDisk>().OrderBy(d => d.Name, StringComparer.Ordinal)];

        StoredDisk? Look(string name)
        {
            try
            {
                return Find(name);
            }
            catch (DriverException)
            {
                return new StoredDisk(name, DirectoryOf(name), 0, "damaged", null) { StaleLink = DiskHolders.Link(DirectoryOf(name)) };
            }
        }
    }

    /// <summary>One disk; null when there is none of that name.</summary>
    /// <exception cref="DriverException">Its image cannot be read (<c>image-damaged</c>), or the name is none (<c>invalid</c>).</exception>
    public StoredDisk? Find(string name)
    {
        var directory = DirectoryOf(name);
        var image = StoredDisk.DataDiskIn(directory);
        if (!File.Exists(image)) return null;
        try
        {
            var format = DiskFormat.OfInstanceDisk(image);
            var bytes = format == DiskFormat.Qcow2 ? Qcow2Header.Read(image)!.VirtualBytes : new FileInfo(image).Length;
            var holder = _holders.Of(directory);
            return new StoredDisk(name, directory, bytes, format, holder)
            {
                AllocatedBytes = AllocatedSpace.Of(image), StaleLink = holder is null ? DiskHolders.Link(directory) : null,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DriverException("image-damaged", "looking at the disk", $"disk `{name}` ({image}) cannot be read: {e.Message}", "restore it, or delete it with `limactl disk delete --force`", e);
        }
    }

    /// <summary>Makes an empty disk.</summary>
    /// <exception cref="DriverException">It exists (<c>disk-exists</c>), the format is none (<c>invalid</c>), or it cannot be made.</exception>
    public Task<StoredDisk> CreateAsync(string name, long bytes, string format, CancellationToken cancel)
    {
        if (format is not (DiskFormat.Qcow2 or DiskFormat.Raw))
            throw new DriverException("invalid", "creating the disk", $"disk format `{format}` not supported, use `qcow2` or `raw` instead");
        if (bytes <= 0) throw new DriverException("invalid", "creating the disk", "the size of a disk must be more than 0");
        return AddAsync(name, image => _empty.CreateAsync(image, format, bytes, cancel));
    }

    /// <summary>Copies an image into the store, sharing blocks where the file system can.</summary>
    /// <exception cref="DriverException">The name is taken (<c>disk-exists</c>), or the file is no complete qcow2 or raw image.</exception>
    public async Task<StoredDisk> ImportAsync(string name, string file, CancellationToken cancel)
    {
        var info = await _images.InspectAsync(file, cancel);
        if (info.Format is not (DiskFormat.Qcow2 or DiskFormat.Raw))
            throw new DriverException("image-format", "importing the disk", $"disk `{file}` has the format `{info.Format}`, only `qcow2` and `raw` can be imported", $"convert it: `qemu-img convert -O qcow2 {file} new.qcow2`");
        return await AddAsync(name, image => FileCopy.CopyAsync(Path.GetFullPath(file), image, _ => { }, cancel));
    }

    /// <summary>Grows a disk that no QEMU has open.</summary>
    /// <exception cref="DriverException">There is none (<c>disk-not-found</c>), it would shrink (<c>disk-shrink</c>), it is in use (<c>disk-in-use</c>), or it cannot be grown.</exception>
    public async Task<StoredDisk> ResizeAsync(string name, long bytes, CancellationToken cancel)
    {
        var disk = Require(name);
        RequireGrowth(disk, bytes);
        if (disk.Holder is { } holder)
            throw new DriverException("disk-in-use", "resizing the disk", $"cannot resize disk `{name}` in use by {holder.Text}", "end whatever uses it first");
        if (disk.Format == DiskFormat.Raw) EmptyDisk.Grow(disk.DataDisk, bytes);
        else await _images.ResizeAsync(disk.DataDisk, disk.Format, bytes, cancel);
        return Require(name);
    }

    /// <summary>Refuses a size that is less than the disk has.</summary>
    /// <exception cref="DriverException">It would shrink (<c>disk-shrink</c>).</exception>
    public static void RequireGrowth(StoredDisk disk, long bytes)
    {
        if (bytes >= disk.Bytes) return;
        throw new DriverException(
            "disk-shrink", "resizing the disk",
            $"specified size `{ByteSize.Text(bytes)}` is less than the current disk size `{ByteSize.Text(disk.Bytes)}`. Disk shrinking is currently unavailable");
    }

    /// <summary>Removes a disk with its lock, whoever has it; one that is gone already is no error.</summary>
    /// <exception cref="DriverException">It cannot be removed (<c>disk-unwritable</c>).</exception>
    public void Delete(string name)
    {
        var directory = DirectoryOf(name);
        if (!Directory.Exists(directory)) return;
        Guard("deleting", name, () =>
        {
            // Out of sight first, by one rename; what a removal that was cut short leaves is swept away at the host's next start.
            var doomed = Path.Combine(home.HostDirectory, $"old-disk-{Guid.NewGuid():N}");
            Directory.CreateDirectory(home.HostDirectory, Private);
            Directory.Move(directory, doomed);
            Directory.Delete(doomed, recursive: true);
        });
    }

    /// <summary>The disk of that name.</summary>
    /// <exception cref="DriverException">There is none (<c>disk-not-found</c>).</exception>
    public StoredDisk Require(string name) => Find(name) ?? throw new DriverException(
        "disk-not-found", "looking for the disk", $"disk `{name}` does not exist", $"`limactl disk create {name} --size SIZE` makes it, `limactl disk list` shows all");

    private string Root => Path.Combine(home.Path, "_disks");

    private string DirectoryOf(string name) => Identifier.Problem(name, "disk") is { } problem
        ? throw new DriverException("invalid", "looking for the disk", problem)
        : Path.Combine(Root, name);

    /// <summary>Made complete under a name that is no disk, then renamed: a reader sees all of it or nothing.</summary>
    private async Task<StoredDisk> AddAsync(string name, Func<string, Task> make)
    {
        var directory = DirectoryOf(name);
        if (Directory.Exists(directory)) throw Exists(name, directory);
        var draft = Path.Combine(home.HostDirectory, $"new-disk-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(draft, Private);
            await make(StoredDisk.DataDiskIn(draft));
            DiskFormat.OfInstanceDisk(StoredDisk.DataDiskIn(draft));
            Directory.CreateDirectory(Root, Private);
            if (Directory.Exists(directory)) throw Exists(name, directory);
            Directory.Move(draft, directory);
            DirectorySync.Flush(Root);
            return Require(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Directory.Exists(directory) ? Exists(name, directory) : Unwritable("creating", name, e);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
    }

    private static void Guard(string doing, string name, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(doing, name, e);
        }
    }

    private static DriverException Exists(string name, string directory) =>
        new("disk-exists", "creating the disk", $"disk `{name}` already exists (`{directory}`)", "choose another name");

    private static DriverException Unwritable(string doing, string name, Exception e) =>
        new("disk-unwritable", $"{doing} the disk", $"{doing} disk `{name}` failed: {e.Message}", "check permissions and free space of LIMA_HOME", e);
}
