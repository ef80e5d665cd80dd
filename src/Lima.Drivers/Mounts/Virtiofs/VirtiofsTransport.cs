using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Mounts.Virtiofs;

/// <summary>virtiofs: a daemon on the host serves each directory to a device of its own.</summary>
/// <param name="machine">The VM's living QEMU; null when there is none.</param>
/// <param name="daemons">The daemons.</param>
/// <param name="plug">Replaces devices whose daemon has died.</param>
/// <param name="time">Clock for the guest to find a new device.</param>
public sealed class VirtiofsTransport(
    Func<VmId, InstanceDirectory, ProcessIdentity?> machine, VirtiofsDaemons daemons, VirtiofsPlug plug, TimeProvider time) : IMountTransport
{
    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(30), DevicePause = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    public MountType Type => MountType.Virtiofs;

    /// <inheritdoc/>
    public bool IsOffered(VmId id, InstanceDirectory directory, MountSpec mount)
    {
        var tag = $",tag={MountTag.Of(mount)}";
        return machine(id, directory) is { } qemu && ProcessTable.Arguments(qemu.Pid).Any(
            argument => argument.StartsWith("vhost-user-fs", StringComparison.Ordinal) && argument.EndsWith(tag, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public bool Fits(MountSpec mount, GuestMount row)
    {
        var tag = MountTag.Of(mount);
        return row.FsType == "virtiofs" && row.ReadOnly == !mount.Writable && (row.Source == tag || row.Source.StartsWith(tag + '.', StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public async Task<ILiveMount?> AdoptAsync(MountRequest request, CancellationToken cancel)
    {
        var device = await plug.NewestAsync(request.Mount, request.Directory, cancel);
        if (await daemons.FindAsync(device, request.Directory, cancel) is not { } daemon) return null;
        // One whose daemon died, and beside which another was plugged in already, looks alike but for the tag.
        var row = MountTable.At(await GuestShell.TableAsync(request.Session, cancel), request.Mount.MountPoint);
        return row?.Source == device.Tag && await IsServedAsync(request, daemon, cancel) ? new Served(daemons, daemon) : null;
    }

    /// <inheritdoc/>
    public async Task<ILiveMount> MountAsync(MountRequest request, CancellationToken cancel)
    {
        if (!IsOffered(request.Id, request.Directory, request.Mount))
            throw MountErrors.CannotBe("QEMU was launched without it", "it is there after the next start; until then `mountType: reverse-sshfs` works");
        var device = await plug.NewestAsync(request.Mount, request.Directory, cancel);
        if (await daemons.FindAsync(device, request.Directory, cancel) is { } daemon)
        {
            await MountAsync(request, device.Tag, cancel);
            if (await IsServedAsync(request, daemon, cancel)) return new Served(daemons, daemon);
            // Somebody in the guest still holds on to what the last daemon served, and the guest takes it for the same file system.
            await GuestShell.RootAsync(request.Session, "umount -l \"$1\"", [request.Mount.MountPoint], cancel);
        }

        (device, daemon) = await ReplaceAsync(device.Next, request.Directory, cancel);
        await MountAsync(request, device.Tag, cancel);
        return new Served(daemons, daemon);
    }

    /// <summary>Whether the mount that stands in the guest's table is one of this daemon. A daemon that came after another answers what it does not know with errors.</summary>
    private async Task<bool> IsServedAsync(MountRequest request, ProcessIdentity daemon, CancellationToken cancel)
    {
        // The first one is older than the machine.
        if (machine(request.Id, request.Directory) is { } qemu && daemon.StartTicks <= qemu.StartTicks) return true;
        var looked = await GuestShell.RootAsync(request.Session, "stat -f \"$1\" >/dev/null", [request.Mount.MountPoint], cancel);
        return looked.ExitCode == 0;
    }

    private async Task<(VirtiofsDevice, ProcessIdentity)> ReplaceAsync(VirtiofsDevice device, InstanceDirectory directory, CancellationToken cancel)
    {
        var daemon = await daemons.StartAsync(device, directory, cancel);
        try
        {
            await plug.AddAsync(device, directory, cancel);
            return (device, daemon);
        }
        catch
        {
            daemons.End(device, directory);
            throw;
        }
    }

    /// <summary>A device that was just plugged in is found by the guest in its own time.</summary>
    private async Task MountAsync(MountRequest request, string tag, CancellationToken cancel)
    {
        var order = new KernelMountOrder("virtiofs", MountOptions.Virtiofs(request.Mount), tag, request.Mount.MountPoint, ["virtiofs"]);
        var started = time.GetTimestamp();
        while (await KernelMount.TryAsync(request.Session, order, cancel) is { } reason)
        {
            if (time.GetElapsedTime(started) > DeviceLimit) throw MountErrors.Because(reason);
            await Task.Delay(DevicePause, time, cancel);
        }
    }

    private sealed class Served : ILiveMount
    {
        private readonly CancellationTokenSource _released = new();

        public Served(VirtiofsDaemons daemons, ProcessIdentity daemon) => Broken = WatchAsync(daemons, daemon);

        public Task<string> Broken { get; }

        public async ValueTask DisposeAsync() => await _released.CancelAsync();

        private async Task<string> WatchAsync(VirtiofsDaemons daemons, ProcessIdentity daemon)
        {
            try
            {
                await daemons.WaitExitAsync(daemon, _released.Token);
            }
            catch (OperationCanceledException)
            {
                await Task.Delay(Timeout.Infinite, CancellationToken.None); // Let go of: it never breaks.
            }
            catch (DriverException e)
            {
                return $"its daemon cannot be watched: {e.Message}";
            }

            return $"its daemon (virtiofsd, process {daemon.Pid}) has ended";
        }
    }
}
