using Lima.Domain.Specs;
using Lima.Drivers.Mounts;
using Lima.Drivers.Mounts.Virtiofs;
using Lima.Drivers.Qemu.Disks;
using static System.FormattableString;

namespace Lima.Drivers.Qemu;

/// <content>What the guest stores on: disks, the seed, directories of the host.</content>
public static partial class QemuCommandLine
{
    /// <summary>How many devices can be plugged into a living machine.</summary>
    public const int PlugPorts = 4;

    private const string DiskOptions = "discard=unmap,detect-zeroes=unmap";

    /// <summary>Name of the n-th place for them.</summary>
    public static string PlugPort(int number) => Invariant($"plug{number}");

    private static IEnumerable<string[]> Disks(QemuSpec spec, QemuArch arch)
    {
        if (arch.Bus == "pci") yield return ["-device", "qemu-xhci,id=usb-bus"];
        yield return
            ["-drive", $"file={Escape(spec.Directory.Disk)},format={spec.DiskFormat},if=none,{DiskOptions},id={DiskId.Main}"];
        // With a CD to boot from, the disk is still empty at first: the CD is asked first, and the disk keeps its name vda.
        yield return ["-device", $"virtio-blk-{arch.Bus},drive={DiskId.Main}{(spec.BootCd is null ? ",bootindex=1" : "")}"];
        yield return ["-boot", $"order={(spec.BootCd is null ? 'c' : 'd')},splash-time=0,menu=on"];
        if (spec.BootCd is not null) yield return ["-drive", $"file={Escape(spec.BootCd)},format=raw,media=cdrom,readonly=on"];
        foreach (var disk in spec.AdditionalDisks)
            yield return ["-drive", $"file={Escape(disk.Path)},format={disk.Format},if=virtio,{DiskOptions},id={DiskId.Of(disk.Name)}"];
        if (!spec.HasSeed) yield break;
        yield return ["-drive", $"id=cdrom0,if=none,format=raw,readonly=on,file={Escape(spec.Directory.Cidata)}"];
        yield return ["-device", $"virtio-scsi-{arch.Bus},id=scsi0"];
        yield return ["-device", "scsi-cd,bus=scsi0.0,drive=cdrom0"];
        // After all others, whose names in the guest it must not change.
        if (spec.ContainerdArchive is not { } archive) yield break;
        yield return ["-drive", $"id=containerd,if=none,format=raw,readonly=on,file={Escape(archive)}"];
        yield return ["-device", $"virtio-blk-{arch.Bus},drive=containerd,serial=lima-containerd"];
    }

    /// <summary>
    /// The daemons of virtiofs read the guest's memory, which therefore lies in a file that they can map; one without a name,
    /// since the file system for named ones may be small.
    /// </summary>
    private static IEnumerable<string[]> SharedMemory(QemuSpec spec)
    {
        if (spec.VirtiofsSockets.IsEmpty) yield break;
        yield return ["-object", Invariant($"memory-backend-memfd,id=virtiofs-shm,size={spec.Vm.MemoryBytes},share=on")];
        yield return ["-numa", "node,memdev=virtiofs-shm"];
    }

    private static IEnumerable<string[]> Mounts(QemuSpec spec)
    {
        var mounts = spec.Vm.Mounts;
        if (mounts.Type == MountType.NineP)
        {
            foreach (var mount in mounts.Directories)
            {
                var readOnly = mount.Writable ? "" : ",readonly=on";
                yield return
                    ["-virtfs", $"local,mount_tag={MountTag.Of(mount)},path={Escape(mount.Location)},security_model={mount.NineP.SecurityModel}{readOnly}"];
            }
        }

        for (var at = 0; at < spec.VirtiofsSockets.Length; at++)
        {
            var device = new VirtiofsDevice(mounts.Directories[at], 0);
            yield return ["-chardev", $"socket,id={device.Chardev},path={Escape(spec.VirtiofsSockets[at])}"];
            yield return
                ["-device", Invariant($"vhost-user-fs-pci,queue-size={device.Mount.VirtiofsQueueSize},chardev={device.Chardev},id={device.Id},tag={device.Tag}")];
        }

        if (spec.VirtiofsSockets.IsEmpty) yield break;
        // A device whose daemon dies has to be replaced: here is the place.
        for (var port = 0; port < PlugPorts; port++) yield return ["-device", Invariant($"pcie-root-port,id={PlugPort(port)},chassis={port + 1},slot={port + 1}")];
    }
}
