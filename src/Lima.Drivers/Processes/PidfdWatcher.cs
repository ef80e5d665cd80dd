using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lima.Drivers.Processes;

/// <summary>
/// Says when processes end, ours or not, without polling: one epoll set and one thread for all of them. The thread
/// sleeps in the kernel, so a hundred watched processes cost nothing while they live.
/// </summary>
internal sealed unsafe class PidfdWatcher
{
    private const int Add = 1;
    private const uint Readable = 1, OneShot = 1u << 30;
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;
    private const int BatchMax = 32;

    private static readonly Lazy<PidfdWatcher> SharedInstance = new(() => new PidfdWatcher());

    // struct epoll_event is packed on x86-64 and naturally aligned elsewhere.
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int KeyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private readonly int _epoll;
    private readonly ConcurrentDictionary<long, Watch> _watches = new();
    private long _lastKey;

    private PidfdWatcher()
    {
        _epoll = Native.EpollCreate(CloseOnExec);
        if (_epoll < 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_create1");
        new Thread(Loop) { IsBackground = true, Name = "process-exits" }.Start();
    }

    /// <summary>The one watcher of this process.</summary>
    public static PidfdWatcher Shared => SharedInstance.Value;

    /// <summary>Calls <paramref name="exited"/> once, on the thread pool, when the process behind the descriptor ends; owns the descriptor.</summary>
    /// <returns>The watch; disposing it gives it up.</returns>
    public IDisposable Register(SafeFileHandle pidfd, Action exited)
    {
        // Events carry a key of our own and not the descriptor, whose number the kernel reuses at once.
        var key = Interlocked.Increment(ref _lastKey);
        var watch = new Watch(this, key, pidfd, exited);
        _watches[key] = watch;
        var change = stackalloc byte[16];
        MemoryMarshal.Write(new Span<byte>(change, 4), Readable | OneShot);
        MemoryMarshal.Write(new Span<byte>(change + KeyOffset, 8), key);
        if (Native.EpollControl(_epoll, Add, (int)pidfd.DangerousGetHandle(), change) == 0) return watch;
        var error = Marshal.GetLastPInvokeError();
        watch.Dispose();
        throw new Win32Exception(error, "epoll_ctl");
    }

    private void Loop()
    {
        var events = stackalloc byte[BatchMax * 16];
        while (true)
        {
            var count = Native.EpollWait(_epoll, events, BatchMax, -1);
            if (count < 0 && Marshal.GetLastPInvokeError() != Interrupted) return;
            for (var i = 0; i < count; i++)
            {
                var key = MemoryMarshal.Read<long>(new ReadOnlySpan<byte>(events + (i * EventBytes) + KeyOffset, 8));
                if (_watches.TryRemove(key, out var watch)) ThreadPool.QueueUserWorkItem(static w => w.Fire(), watch, preferLocal: false);
            }
        }
    }

    private sealed class Watch(PidfdWatcher owner, long key, SafeFileHandle pidfd, Action exited) : IDisposable
    {
        public void Fire()
        {
            pidfd.Dispose();
            exited();
        }

        // Closing the last descriptor takes it out of the epoll set.
        public void Dispose()
        {
            if (owner._watches.TryRemove(key, out _)) pidfd.Dispose();
        }
    }
}
