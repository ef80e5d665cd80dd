using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Networks;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.CloudInit;
using Lima.Drivers.Files;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Images;
using Lima.Drivers.Mounts.Virtiofs;
using Lima.Drivers.Networks;
using Lima.Drivers.Names;
using Lima.Drivers.Qemu;
using Lima.Drivers.Qemu.Disks;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Instances;

/// <summary>Puts the files of an instance in place. Every step looks first whether its work is done already.</summary>
public sealed class InstancePreparer(IVmSpecSource specs, IImageStore images, LimaHome home, string guestDirectory, VirtiofsDaemons? virtiofs = null, INameServers? names = null, INetworkPlans? networks = null) : IInstancePreparer
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly DiskImages _disks = new();
    private readonly SshKeys _keys = new();
    private readonly ContainerdArchive _archive = new(images);

    /// <inheritdoc/>
    public async Task<PreparedInstance> PrepareAsync(
        VmId id, InstanceDirectory directory, int sshPort, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        progress.Report(new StepProgress("preparing"));
        var spec = await WithMountTypeAsync(specs.Load(id, directory), cancel);
        var port = ChoosePort(spec, directory.Name, sshPort);
        // Before the disk, whose being there says that the instance is no longer new.
        await _archive.EnsureAsync(spec, directory, isNew: !File.Exists(directory.Disk), progress, cancel);
        await PrepareDiskAsync(spec, directory, progress, cancel);
        await PrepareFirmwareAsync(spec, directory, progress, cancel);
        var userKey = await _keys.EnsureUserKeyAsync(home, cancel);
        var hostKey = await _keys.EnsureHostKeyAsync(directory, cancel);
        // It serves from here on: the guest asks it from its first moments.
        var dnsPort = names is null ? 0 : await names.PrepareAsync(id, directory, spec, cancel);
        CidataBuilder.Write(directory.Cidata, SeedOf(id, directory, spec, userKey, hostKey) with { DnsPort = dnsPort });
        AtomicFile.WriteIfChanged(directory.KnownHosts, KnownHosts.Text(directory.Name, hostKey.PublicLine), Private);
        AtomicFile.WriteIfChanged(
            directory.SshConfig, SshConfigFile.Text(directory, spec, home.UserKey, port, SshConfigFile.AesIsFast), Private);
        cancel.ThrowIfCancellationRequested();
        return new PreparedInstance(new LaunchRequest(id, directory, spec, port, BootOf(directory)), RequirementsOf(spec));
    }

    /// <summary>What only a boot script brings is required where there is that script.</summary>
    private ImmutableArray<Requirement> RequirementsOf(VmSpec spec)
    {
        bool Has(string pattern) => Directory.EnumerateFiles(Path.Combine(guestDirectory, "boot.d"), pattern).Any();
        return Readiness.For(spec, bringsContainerd: Has("40-*containerd*.sh"), bringsFuse: Has("35-setup-packages.sh"));
    }

    /// <summary>Where the user named no way of mounting, what this workstation can do decides; the machine and its seed agree on it from here on.</summary>
    private async Task<VmSpec> WithMountTypeAsync(VmSpec spec, CancellationToken cancel)
    {
        if (spec.Mounts.IsChosen || spec.Mounts.Directories.IsEmpty || virtiofs is null) return spec;
        return spec with { Mounts = spec.Mounts with { Type = MountTypes.AtLaunch(spec.Mounts, await virtiofs.CapabilityAsync(cancel)) } };
    }

    /// <summary>The configured port, else the one of last time while it is free, else any free one.</summary>
    private static int ChoosePort(VmSpec spec, VmName name, int last)
    {
        if (spec.Ssh.LocalPort != 0)
        {
            FreePort.Require(spec.Ssh.LocalPort, name);
            return spec.Ssh.LocalPort;
        }

        return last != 0 && FreePort.IsFree(last) ? last : FreePort.Choose();
    }

    /// <summary>
    /// A disk that is there stays, whatever the image has become since. A new one is an overlay: made beside and renamed,
    /// so that a disk that is there is complete, with kernel and initrd before it.
    /// </summary>
    private async Task PrepareDiskAsync(VmSpec spec, InstanceDirectory directory, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        // What older versions of Lima called otherwise stays where it is, under both names.
        if (!File.Exists(directory.Disk) && File.Exists(directory.LegacyDisk)) Link(directory.Disk, Path.GetFileName(directory.LegacyDisk));
        if (File.Exists(directory.Disk))
        {
            await _disks.ResizeAsync(directory.Disk, DiskFormat.OfInstanceDisk(directory.Disk), spec.DiskBytes, cancel);
            return;
        }

        var image = await images.EnsureAsync(spec.Images, spec.Arch, progress, cancel);
        progress.Report(new StepProgress("creating the disk"));
        var info = await _disks.InspectAsync(image.Disk, cancel);
        LinkBootFiles(image, directory);
        await _disks.CreateOverlayAsync(image.Disk, info.Format, directory.Disk, spec.DiskBytes, cancel);
    }

    /// <summary>UEFI images that the user names come before those of the system; once fetched, one belongs to the instance.</summary>
    private async Task PrepareFirmwareAsync(VmSpec spec, InstanceDirectory directory, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        var own = Path.Combine(directory.Path, Firmware.InstanceFile);
        if (spec.Firmware.LegacyBios || spec.Firmware.Images.IsEmpty || File.Exists(own)) return;
        if (!spec.Firmware.Images.Any(image => image.Arch == spec.Arch)) return;
        var image = await images.EnsureAsync(spec.Firmware.Images, spec.Arch, progress, cancel);
        AtomicFile.Write(own, await File.ReadAllBytesAsync(image.Disk, cancel), Private);
    }

    /// <summary>Kernel and initrd are read only once at each launch, so a link to the store does; an instance stays small.</summary>
    private static void LinkBootFiles(LocalImage image, InstanceDirectory directory)
    {
        if (image.Kernel is null) return;
        Link(directory.Kernel, image.Kernel);
        AtomicFile.Write(directory.KernelCmdline, image.Cmdline, Private);
        if (image.Initrd is not null) Link(directory.Initrd, image.Initrd);
    }

    private static void Link(string path, string target)
    {
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
    }

    private static DirectBoot? BootOf(InstanceDirectory directory) => File.Exists(directory.Kernel)
        ? new DirectBoot(
            directory.Kernel,
            File.Exists(directory.Initrd) ? directory.Initrd : null,
            File.Exists(directory.KernelCmdline) ? File.ReadAllText(directory.KernelCmdline).Trim() : "")
        : null;

    private SeedInput SeedOf(VmId id, InstanceDirectory directory, VmSpec spec, SshKeyPair userKey, SshKeyPair hostKey) => new()
    {
        Name = directory.Name,
        Spec = spec.PropagateProxyEnv
            ? spec with { Env = ProxyEnvironment.Merge(spec.Env, Environment.GetEnvironmentVariable, UserNetwork.Gateway) }
            : spec,
        AuthorizedKeys =
        [
            userKey.PublicLine,
            .. spec.Ssh.LoadDotSshPubKeys
                ? SshKeys.OwnPublicKeys(Path.Combine(UserHome, ".ssh"))
                : [],
        ],
        HostKeyPrivate = File.ReadAllText(hostKey.PrivateFile),
        HostKeyPublic = hostKey.PublicLine,
        Scripts = GuestScripts.Load(guestDirectory),
        // Installed beside the folder of the scripts.
        GuestProgram = GuestProgram.IsNeeded(spec) ? GuestProgram.Load(Path.GetDirectoryName(guestDirectory)!, spec.Arch) : default,
        Mac = Qemu.MacAddress.Of(id),
        AuthorityFiles = [.. spec.CaCerts.Files.Select(file => AuthorityFile(file, directory.Name))],
        HostHome = UserHome,
        NameServersOf = networks is null
            ? ImmutableDictionary<string, string>.Empty
            : spec.Networks.Select(network => network.Lima).Where(name => name.Length > 0).Distinct().ToImmutableDictionary(name => name, name => networks.Of(name).Gateway.ToString()),
    };

    private static string UserHome => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>Read anew at each start: certificates are renewed under the same name.</summary>
    private static string AuthorityFile(string file, VmName name)
    {
        var path = file.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(UserHome, file[2..]) : file;
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(
                "seed-invalid", "making the cloud-init seed", $"instance `{name}`: field `caCerts.files` names `{path}`, which cannot be read: {e.Message}",
                "correct the path with `limactl edit`");
        }
    }
}
