using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Files;
using Lima.Drivers.Qemu.Disks;

namespace Lima.Drivers.Instances;

/// <summary>Work on instance directories on a local file system.</summary>
public sealed class InstanceFiles(LimaHome home) : IInstanceFiles
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateDirectory = Private | UnixFileMode.UserExecute;
    private const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private static readonly string[] Kept = ["lima-version", "protected", "vz-identifier", "vm-id"];

    /// <summary>Disks of an instance that may lie on another file in its directory (the two files of older Limas).</summary>
    private static readonly string[] Disks = ["disk", "diffdisk"];
    private readonly BackingFile _backing = new();

    /// <inheritdoc/>
    public void WriteConfiguration(VmName name, string yaml)
    {
        try
        {
            AtomicFile.Write(home.Instance(name).LimaYaml, yaml, Readable);
        }
        catch (DriverException e)
        {
            throw new DriverException(VmCauses.EditFailed, "writing lima.yaml", e.Cause.Message, e.Cause.Hint, e);
        }
    }

    /// <inheritdoc/>
    public void ChangeConfiguration(VmName name, ConfigurationChange change)
    {
        const string step = "writing lima.yaml";
        try
        {
            var now = File.ReadAllText(home.Instance(name).LimaYaml);
            if (now == change.Yaml) return;
            if (ConfigurationChange.Fingerprint(now) != change.Before)
                throw new DriverException(VmCauses.EditFailed, step, $"the lima.yaml of instance `{name}` was changed meanwhile", "try again");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(VmCauses.EditFailed, step, e.Message, "check permissions of LIMA_HOME", e);
        }

        WriteConfiguration(name, change.Yaml);
    }

    /// <inheritdoc/>
    public async Task CloneAsync(VmName name, VmId cloneId, VmName cloneName, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        const string step = "cloning the instance";
        var (from, target) = (home.Instance(name), home.Instance(cloneName));
        if (Has(target, cloneId)) return;
        SocketPaths.Require(target, step);
        if (Directory.Exists(target.Path)) throw Taken(target, step);
        // Made complete under a name that is no instance, then renamed; a host that starts removes what a dead one left here.
        var draft = Path.Combine(home.HostDirectory, $"new-{cloneId}");
        try
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
            Directory.CreateDirectory(draft, PrivateDirectory);
            await InstanceCopy.RunAsync(from.Path, draft, target.Path, progress, cancel);
            await MoveBackingFilesAsync(draft, from.Path, target.Path, cancel);
            AtomicFile.Write(Path.Combine(draft, Path.GetFileName(target.IdFile)), cloneId.Value + "\n", Private);
            if (Directory.Exists(target.Path)) throw Taken(target, step);
            Directory.Move(draft, target.Path);
            DirectorySync.Flush(home.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Directory.Exists(target.Path) && Directory.Exists(draft)
                ? Taken(target, step)
                : new DriverException(VmCauses.CloneFailed, step, $"instance `{name}` cannot be copied: {e.Message}", "check free space and permissions of LIMA_HOME", e);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
    }

    /// <inheritdoc/>
    public async Task RenameAsync(VmId id, VmName name, VmName newName, CancellationToken cancel)
    {
        const string step = "renaming the instance";
        var (from, target) = (home.Instance(name), home.Instance(newName));
        if (!Directory.Exists(from.Path) && Has(target, id)) return;
        SocketPaths.Require(target, step);
        if (Directory.Exists(target.Path)) throw Taken(target, step);
        // Before the rename, because nobody would come back to it afterwards; backwards again if it fails.
        await MoveBackingFilesAsync(from.Path, from.Path, target.Path, cancel);
        try
        {
            // They name the instance, and are made anew at its next start.
            foreach (var file in new[] { from.SshConfig, from.KnownHosts }) File.Delete(file);
            Directory.Move(from.Path, target.Path);
            DirectorySync.Flush(home.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await MoveBackingFilesAsync(from.Path, target.Path, from.Path, CancellationToken.None);
            if (Directory.Exists(target.Path)) throw Taken(target, step);
            throw new DriverException(VmCauses.RenameFailed, step, $"{from.Path} cannot be renamed: {e.Message}", "check the permissions of LIMA_HOME", e);
        }
    }

    /// <inheritdoc/>
    public void FactoryReset(VmName name)
    {
        var directory = home.Instance(name);
        try
        {
            foreach (var entry in new DirectoryInfo(directory.Path).EnumerateFileSystemInfos().Where(e => !IsKept(e.Name)).ToList())
            {
                if (entry is DirectoryInfo { LinkTarget: null } folder) folder.Delete(recursive: true);
                else File.Delete(entry.FullName);
            }

            DirectorySync.Flush(directory.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(
                VmCauses.ResetFailed, "resetting the instance", $"{directory.Path} cannot be emptied: {e.Message}", "check its permissions, then reset it again", e);
        }
    }

    private static bool IsKept(string file) => Kept.Contains(file)
        || file.EndsWith(".yaml", StringComparison.Ordinal) || file.EndsWith(".yml", StringComparison.Ordinal);

    /// <summary>A disk that lies on a file of its own directory names it by its whole path, which changes.</summary>
    private async Task MoveBackingFilesAsync(string at, string before, string after, CancellationToken cancel)
    {
        foreach (var disk in Disks.Select(name => Path.Combine(at, name)).Where(path => new FileInfo(path) is { Exists: true, LinkTarget: null }))
        {
            if (BackingFile.Read(disk) is { } backing && backing.StartsWith(before + "/", StringComparison.Ordinal))
                await _backing.MoveAsync(disk, after + backing[before.Length..], cancel);
        }
    }

    private static bool Has(InstanceDirectory directory, VmId id)
    {
        try
        {
            return VmId.TryParse(File.ReadAllText(directory.IdFile), out var found) && found == id;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static DriverException Taken(InstanceDirectory target, string step) =>
        new("instance-exists", step, $"instance `{target.Name}` already exists", "choose another name");
}
