using System.Globalization;
using Lima.Domain.Disks;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.CloudInit;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Disks;

/// <summary>
/// Changes the disks of an instance, first where it is written down, then in the machine, then in the guest. Every step finds
/// done what is done already, so a change that was cut short is made again from its beginning.
/// </summary>
/// <param name="disks">The disks beside the instances.</param>
/// <param name="files">Writes the configuration.</param>
/// <param name="guest">Works inside guests.</param>
public sealed class LiveDisks(DiskStore disks, IInstanceFiles files, GuestDisks guest) : ILiveDisks
{
    private const string Step = "changing the disks";

    /// <inheritdoc/>
    public Task<long?> TrimAsync(ISshSession session, TimeSpan limit, CancellationToken cancel) => guest.TrimAsync(session, limit, cancel);

    /// <inheritdoc/>
    public async Task ChangeAsync(
        InstanceDirectory directory, DiskChange change, Func<VmSpec> spec, IMachineDisks? machine, ISshSession? session, CancellationToken cancel)
    {
        // Whether a disk can be taken out at all is asked before anything is written.
        if (machine is not null && change.Action == DiskActions.Detach) await RequirePluggedAsync(directory, machine, change.Disk, cancel);
        if (change.Yaml.Length > 0) files.WriteConfiguration(directory.Name, change.Yaml);
        if (machine is null)
        {
            if (change is { Action: DiskActions.Grow, IsMain: false }) await disks.ResizeAsync(change.Disk, change.Bytes, cancel);
            return;
        }

        switch (change.Action)
        {
            case DiskActions.Grow:
                await GrowAsync(directory, change, spec(), machine, session, cancel);
                break;
            case DiskActions.Attach:
                await AttachAsync(directory, change.Disk, spec(), machine, session, cancel);
                break;
            case DiskActions.Detach:
                await DetachAsync(directory, change.Disk, machine, session, cancel);
                break;
            default:
                throw new DriverException(VmCauses.DiskChangeFailed, Step, $"`{change.Action}` is unknown to this version");
        }
    }

    private async Task GrowAsync(InstanceDirectory directory, DiskChange change, VmSpec spec, IMachineDisks machine, ISshSession? session, CancellationToken cancel)
    {
        await machine.GrowAsync(change.Disk, change.Bytes, cancel);
        if (change.IsMain)
        {
            await InGuestAsync(session, s => guest.GrowRootAsync(s, cancel), "the disk is larger; its file system is not yet", directory);
            return;
        }

        // In plain mode nobody looks after the disks in the guest.
        if (spec.Plain || spec.AdditionalDisks.FirstOrDefault(d => d.Name == change.Disk) is not { } disk) return;
        var device = await machine.PluggedAsync(disk.Name, cancel) is { } name ? $"wwid:{name}" : GuestDevice.Name(spec.AdditionalDisks.IndexOf(disk) + 1);
        await InGuestAsync(session, s => guest.UseAsync(s, disk, device, cancel), $"disk `{disk.Name}` is larger; its file system is not yet", directory);
    }

    private async Task AttachAsync(InstanceDirectory directory, string name, VmSpec spec, IMachineDisks machine, ISshSession? session, CancellationToken cancel)
    {
        string device;
        if (await machine.PluggedAsync(name, cancel) is { } known) device = known;
        else
        {
            using var use = disks.Take([name], directory.Path);
            device = await machine.AttachAsync(name, use.Disks[0].DataDisk, use.Disks[0].Format, cancel);
        }

        if (spec.Plain || spec.AdditionalDisks.FirstOrDefault(d => d.Name == name) is not { } disk) return;
        await InGuestAsync(session, s => guest.UseAsync(s, disk, $"wwid:{device}", cancel), $"disk `{name}` is attached; it is not mounted yet", directory);
    }

    private async Task DetachAsync(InstanceDirectory directory, string name, IMachineDisks machine, ISshSession? session, CancellationToken cancel)
    {
        if (await machine.PluggedAsync(name, cancel) is { } device)
        {
            await InGuestAsync(session, s => guest.ReleaseAsync(s, name, $"wwid:{device}", cancel), $"disk `{name}` is still attached, and will not be at the next start", directory);
            await machine.DetachAsync(name, cancel);
        }

        disks.Release(name, directory.Path);
    }

    private async Task RequirePluggedAsync(InstanceDirectory directory, IMachineDisks machine, string name, CancellationToken cancel)
    {
        if (await machine.PluggedAsync(name, cancel) is not null || disks.Require(name).InstanceDirectory != directory.Path) return;
        throw new DriverException(
            VmCauses.DiskChangeFailed, Step, $"instance `{directory.Name}` was started with disk `{name}`, which cannot be taken out while it runs",
            $"stop it first: `limactl stop {directory.Name}`");
    }

    private static async Task InGuestAsync(ISshSession? session, Func<ISshSession, Task> work, string what, InstanceDirectory directory)
    {
        var hint = string.Create(CultureInfo.InvariantCulture, $"`limactl restart {directory.Name}` does the rest");
        if (session is null) throw new DriverException(VmCauses.DiskChangeFailed, Step, $"{what}: there is no SSH session with the guest", hint);
        try
        {
            await work(session);
        }
        catch (DriverException e)
        {
            throw new DriverException(VmCauses.DiskChangeFailed, Step, $"{what}: {e.Cause.Message}", hint, e);
        }
    }
}
