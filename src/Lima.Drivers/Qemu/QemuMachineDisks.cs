using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Qemu.Disks;

namespace Lima.Drivers.Qemu;

/// <summary>
/// Disks of a living QEMU over its control socket. What is plugged in later comes to the SCSI controller that has the seed:
/// the slots of the PCI bus, where the other disks are, cannot be changed while a machine runs.
/// </summary>
/// <param name="command">Runs a control command.</param>
/// <param name="time">Clock for waiting.</param>
internal sealed class QemuMachineDisks(Func<string, JsonObject?, CancellationToken, Task<JsonElement>> command, TimeProvider time) : IMachineDisks
{
    private const string Bus = "scsi0.0";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LetGoLimit = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<string?> PluggedAsync(string disk, CancellationToken cancel) => await HasDeviceAsync(disk, cancel) ? Name(disk) : null;

    /// <inheritdoc/>
    public async Task GrowAsync(string disk, long bytes, CancellationToken cancel)
    {
        var target = disk.Length == 0 ? new JsonObject { ["device"] = DiskId.Main }
            : await HasDeviceAsync(disk, cancel) ? new JsonObject { ["node-name"] = Node(disk) }
            : new JsonObject { ["device"] = DiskId.Of(disk) };
        target["size"] = bytes;
        await command("block_resize", target, cancel);
    }

    /// <inheritdoc/>
    public async Task<string> AttachAsync(string disk, string path, string format, CancellationToken cancel)
    {
        if (!await HasNodeAsync(disk, cancel))
        {
            await command("blockdev-add", new JsonObject
            {
                ["driver"] = format, ["node-name"] = Node(disk), ["discard"] = "unmap", ["detect-zeroes"] = "unmap",
                ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path, ["discard"] = "unmap" },
            }, cancel);
        }

        if (!await HasDeviceAsync(disk, cancel))
        {
            await command("device_add", new JsonObject
            {
                ["driver"] = "scsi-hd", ["id"] = DiskId.Of(disk), ["bus"] = Bus, ["drive"] = Node(disk), ["wwn"] = Number(disk),
            }, cancel);
        }

        return Name(disk);
    }

    /// <inheritdoc/>
    public async Task DetachAsync(string disk, CancellationToken cancel)
    {
        if (await HasDeviceAsync(disk, cancel)) await command("device_del", new JsonObject { ["id"] = DiskId.Of(disk) }, cancel);
        var began = time.GetTimestamp();
        while (await HasDeviceAsync(disk, cancel))
        {
            if (time.GetElapsedTime(began) > LetGoLimit)
                throw new DriverException("disk-in-use", "detaching the disk", $"the guest does not let go of disk `{disk}`", "see what uses it there, and stop the instance if nothing helps");
            await Task.Delay(Pause, time, cancel);
        }

        await ForgetNodeAsync(disk, began, cancel);
    }

    /// <summary>A device that can be seen no more may hold its disk for a moment yet: QEMU frees it when all that worked with it is done.</summary>
    private async Task ForgetNodeAsync(string disk, long began, CancellationToken cancel)
    {
        while (await HasNodeAsync(disk, cancel))
        {
            try
            {
                await command("blockdev-del", new JsonObject { ["node-name"] = Node(disk) }, cancel);
            }
            catch (DriverException) when (time.GetElapsedTime(began) < LetGoLimit)
            {
                await Task.Delay(Pause, time, cancel);
            }
        }
    }

    private async Task<bool> HasDeviceAsync(string disk, CancellationToken cancel) =>
        (await command("qom-list", new JsonObject { ["path"] = "/machine/peripheral" }, cancel)).EnumerateArray()
            .Any(entry => entry.TryGetProperty("name", out var name) && name.ValueEquals(DiskId.Of(disk)));

    private async Task<bool> HasNodeAsync(string disk, CancellationToken cancel) =>
        (await command("query-named-block-nodes", new JsonObject { ["flat"] = true }, cancel)).EnumerateArray()
            .Any(entry => entry.TryGetProperty("node-name", out var name) && name.ValueEquals(Node(disk)));

    /// <summary>QEMU's names of nodes have at most 31 characters, and those of disks may have more.</summary>
    private static string Node(string disk) => "disk-" + Convert.ToHexStringLower(Digest(disk).AsSpan(0, 12));

    /// <summary>A number of the kind that anybody may make up for himself (NAA 3, "locally assigned").</summary>
    private static ulong Number(string disk) => (BitConverter.ToUInt64(Digest(disk)) >> 4) | 0x3000_0000_0000_0000;

    private static string Name(string disk) => $"naa.{Number(disk):x16}";

    private static byte[] Digest(string disk) => SHA256.HashData(Encoding.UTF8.GetBytes(disk));
}
