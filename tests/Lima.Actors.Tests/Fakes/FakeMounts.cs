using System.Collections.Concurrent;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Drivers;
using Lima.Drivers.Mounts;

namespace Lima.Actors.Tests.Fakes;

/// <summary>A way of mounting that needs a channel: what it mounts stands in the table of the fake guests until it breaks.</summary>
internal sealed class FakeMounts : IMountTransport
{
    private readonly ConcurrentQueue<Live> _made = [];

    public MountType Type => MountType.ReverseSshfs;

    /// <summary>Why mounting fails; null when it does not.</summary>
    public DriverException? Problem { get; set; }

    /// <summary>What mounting waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Made => _made.Count;

    public int Open => _made.Count(live => !live.IsDisposed);

    public bool Fits(MountSpec mount, GuestMount row) => row.FsType == "fuse.sshfs" && row.ReadOnly == !mount.Writable;

    public Task<ILiveMount?> AdoptAsync(MountRequest request, CancellationToken cancel) => Task.FromResult<ILiveMount?>(null);

    public async Task<ILiveMount> MountAsync(MountRequest request, CancellationToken cancel)
    {
        await Gate.WaitAsync(cancel);
        if (Problem is { } problem) throw problem;
        var point = request.Mount.MountPoint;
        ((FakeSession)request.Session).Owner.MountTable[point] = $"1 2 0:3 / {point} {(request.Mount.Writable ? "rw" : "ro")} - fuse.sshfs x rw\n";
        var live = new Live();
        _made.Enqueue(live);
        return live;
    }

    /// <summary>Breaks what was made last.</summary>
    public void Break(string reason) => _made.Last().End(reason);

    private sealed class Live : ILiveMount
    {
        private readonly TaskCompletionSource<string> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Broken => _broken.Task;

        public bool IsDisposed { get; private set; }

        public void End(string reason) => _broken.TrySetResult(reason);

        public async ValueTask DisposeAsync()
        {
            IsDisposed = true;
            End("it was let go");
            // Real ones have processes to end after that, and whoever waits for the end of the mount hears of it before.
            await Task.Delay(100);
        }
    }
}
