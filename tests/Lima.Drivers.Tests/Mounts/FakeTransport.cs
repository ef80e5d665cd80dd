using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts;

namespace Lima.Drivers.Tests.Mounts;

/// <summary>A way of mounting that writes into the fake guest's table.</summary>
internal sealed class FakeTransport(MountType type) : IMountTransport
{
    public MountType Type => type;

    public bool Offered { get; set; } = true;

    /// <summary>Whether a mount of an earlier life can be taken up.</summary>
    public bool Adopts { get; set; } = true;

    public DriverException? Problem { get; set; }

    /// <summary>Says that it mounted, and did not.</summary>
    public bool Lies { get; set; }

    public List<FakeLive> Made { get; } = [];

    public List<FakeLive> Adopted { get; } = [];

    public string FsType => type == MountType.ReverseSshfs ? "fuse.sshfs" : MountTypes.Word(type);

    public bool IsOffered(VmId id, InstanceDirectory directory, MountSpec mount) => Offered;

    public bool Fits(MountSpec mount, GuestMount row) => row.FsType == FsType && row.ReadOnly == !mount.Writable;

    public Task<ILiveMount?> AdoptAsync(MountRequest request, CancellationToken cancel)
    {
        if (!Adopts) return Task.FromResult<ILiveMount?>(null);
        Adopted.Add(new FakeLive());
        return Task.FromResult<ILiveMount?>(Adopted[^1]);
    }

    public Task<ILiveMount> MountAsync(MountRequest request, CancellationToken cancel)
    {
        if (Problem is { } problem) throw problem;
        var guest = (FakeGuestSession)request.Session;
        if (!Lies) guest.Table.Add(new GuestMount("tag", request.Mount.MountPoint, FsType, !request.Mount.Writable, []));
        Made.Add(new FakeLive());
        return Task.FromResult<ILiveMount>(Made[^1]);
    }
}

/// <summary>A kept mount that breaks on demand.</summary>
internal sealed class FakeLive : ILiveMount
{
    private readonly TaskCompletionSource<string> _broken = new();

    public Task<string> Broken => _broken.Task;

    public bool IsDisposed { get; private set; }

    public void Break(string reason) => _broken.SetResult(reason);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
