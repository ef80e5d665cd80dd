using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Listeners;

/// <summary>
/// News from the kernel that a socket has begun or ended to listen, by an instance of its tracing of our own. Its descriptor becomes
/// readable; what is read only says that something has happened. Its memory is a page or two for each processor, the oldest news in it are overwritten.
/// </summary>
internal sealed class KernelTrace : IDisposable
{
    /// <summary>Where tracing is mounted, usually.</summary>
    public const string Root = "/sys/kernel/tracing";

    private const string Name = "lima-guestagent";

    private readonly string _instance;
    private readonly byte[] _buffer = new byte[16 * 1024];

    private KernelTrace(string instance, int descriptor, bool hasTcp, bool hasUdp) =>
        (_instance, Descriptor, HasTcp, HasUdp) = (instance, descriptor, hasTcp, hasUdp);

    /// <summary>To wait on.</summary>
    public int Descriptor { get; }

    /// <summary>TCP listeners are told of, from their beginning to their end.</summary>
    public bool HasTcp { get; }

    /// <summary>UDP sockets are told of when they get their port.</summary>
    public bool HasUdp { get; }

    /// <summary>Begins; null, with the reason, where the kernel has no such thing.</summary>
    /// <param name="root">Where tracing is, or is to be, mounted; empty for nowhere.</param>
    public static KernelTrace? Open(string root, out string reason)
    {
        reason = "it is not wanted";
        if (root.Length == 0) return null;
        var instance = Path.Combine(root, "instances", Name);
        try
        {
            // Not there when the kernel lacks it, so a failure shows below.
            if (!Directory.Exists(Path.Combine(root, "instances"))) _ = Libc.Mount("tracefs", root, "tracefs", 0, null);
            // One that an agent left behind that was killed; it may have other settings than ours.
            _ = Libc.RemoveDirectory(instance);
            Directory.CreateDirectory(instance);
            Put(instance, "buffer_size_kb", "4");
            // To be woken by the first event instead of by a buffer half full; kernels before 6.1 always do that.
            if (File.Exists(Path.Combine(instance, "buffer_percent"))) Put(instance, "buffer_percent", "0");
            var descriptor = Libc.Open(Path.Combine(instance, "trace_pipe"), Libc.NonBlocking | Libc.CloseOnExec, 0);
            if (descriptor < 0) throw new IOException(Errno.Text(Libc.Error));
            var hasTcp = Enable(instance, "sock/inet_sock_set_state", $"newstate=={SockDiagFormat.Listen}||oldstate=={SockDiagFormat.Listen}");
            var trace = new KernelTrace(instance, descriptor, hasTcp, Enable(instance, "syscalls/sys_exit_bind", "ret==0"));
            reason = "";
            if (trace.HasTcp || trace.HasUdp) return trace;
            trace.Dispose();
            reason = "it has no events for sockets";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _ = Libc.RemoveDirectory(instance);
            reason = failure.Message;
        }

        return null;
    }

    /// <summary>Takes what has been told so far; whether there was something.</summary>
    public bool Drain()
    {
        var isNews = false;
        // As much as the buffers of many processors hold, and no more: new events may come as fast as these are read.
        for (var left = 64; left > 0 && Descriptors.Read(Descriptor, _buffer) > 0; left--) isNews = true;
        return isNews;
    }

    /// <summary>Ends it; the kernel gives back the memory.</summary>
    public void Dispose()
    {
        _ = Libc.Close(Descriptor);
        _ = Libc.RemoveDirectory(_instance);
    }

    private static bool Enable(string instance, string name, string filter)
    {
        var folder = Path.Combine(instance, "events", name);
        if (!Directory.Exists(folder)) return false;
        try
        {
            Put(folder, "filter", filter);
            Put(folder, "enable", "1");
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Put(string folder, string file, string text) => File.WriteAllText(Path.Combine(folder, file), text);
}
