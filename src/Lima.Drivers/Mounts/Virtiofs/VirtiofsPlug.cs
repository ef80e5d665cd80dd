using System.Text.Json;
using System.Text.Json.Nodes;
using Lima.Drivers.Instances;
using Lima.Drivers.Qemu;
using Lima.Drivers.Qemu.Qmp;

namespace Lima.Drivers.Mounts.Virtiofs;

/// <summary>
/// Plugs devices into a living machine, over a control socket of its own: QEMU serves one client on each, and the other
/// belongs to whoever watches the machine.
/// </summary>
public sealed class VirtiofsPlug(TimeProvider time)
{
    /// <summary>The newest device of a mount.</summary>
    /// <exception cref="DriverException">QEMU does not answer.</exception>
    public async Task<VirtiofsDevice> NewestAsync(Lima.Domain.Specs.MountSpec mount, InstanceDirectory directory, CancellationToken cancel)
    {
        await using var qmp = await QmpClient.ConnectAsync(directory.PlugSocket, new QmpOptions(), time, cancel);
        var names = await qmp.ExecuteAsync("qom-list", new JsonObject { ["path"] = "/machine/peripheral" }, null, cancel);
        return VirtiofsDevice.Newest(mount, names.EnumerateArray().Select(entry => entry.GetProperty("name").GetString() ?? ""));
    }

    /// <summary>Plugs in a device whose daemon listens.</summary>
    /// <exception cref="DriverException">Code <see cref="MountErrors.Lost"/>: no place is left.</exception>
    public async Task AddAsync(VirtiofsDevice device, InstanceDirectory directory, CancellationToken cancel)
    {
        await using var qmp = await QmpClient.ConnectAsync(directory.PlugSocket, new QmpOptions(), time, cancel);
        var address = new JsonObject { ["type"] = "unix", ["data"] = new JsonObject { ["path"] = device.Socket(directory) } };
        await qmp.ExecuteAsync("chardev-add", new JsonObject
        {
            ["id"] = device.Chardev,
            ["backend"] = new JsonObject { ["type"] = "socket", ["data"] = new JsonObject { ["addr"] = address, ["server"] = false } },
        }, null, cancel);
        DriverException? last = null;
        for (var port = 0; port < QemuCommandLine.PlugPorts; port++)
        {
            try
            {
                await qmp.ExecuteAsync("device_add", new JsonObject
                {
                    ["driver"] = "vhost-user-fs-pci", ["id"] = device.Id, ["chardev"] = device.Chardev, ["tag"] = device.Tag,
                    ["queue-size"] = device.Mount.VirtiofsQueueSize, ["bus"] = QemuCommandLine.PlugPort(port),
                    // The one address that a guest looks at behind such a port; QEMU itself would find another when it is taken.
                    ["addr"] = "0",
                }, null, cancel);
                return;
            }
            catch (DriverException e) when (e.Cause.Code == "qmp-refused")
            {
                last = e; // Most likely taken: the next one is tried.
            }
        }

        await qmp.ExecuteAsync("chardev-remove", new JsonObject { ["id"] = device.Chardev }, null, cancel);
        throw MountErrors.IsLost($"its daemon ended, and no device can be plugged in for a new one: {last?.Cause.Message}");
    }
}
