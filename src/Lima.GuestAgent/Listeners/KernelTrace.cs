using System.Globalization;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Listeners;

/// <summary>
/// News from the kernel that a socket has begun or ended to listen: TCP by a tracepoint, and that a socket got its port by the return from the
/// kernel's own function for that. Unlike the tracepoint of the call <c>bind</c>, which is the second choice, this does not make every call of
/// every program go the long way. Each processor has a descriptor that becomes readable; nothing is left behind when they are closed.
/// </summary>
internal sealed class KernelTrace : IDisposable
{
    /// <summary>Where tracing is mounted, usually.</summary>
    public const string Root = "/sys/kernel/tracing";

    private const string Kinds = "/sys/bus/event_source/devices/kprobe/type", Processors = "/sys/devices/system/cpu/online";
    private static readonly string[] BindFunctions = ["inet_bind", "inet6_bind"];
    private static readonly string TcpFilter = $"newstate=={SockDiagFormat.Listen}||oldstate=={SockDiagFormat.Listen}";

    private readonly List<int> _all = [];
    private readonly List<(int Descriptor, nint Buffer)> _buffers = [];
    private string _reason = "";

    private KernelTrace()
    {
    }

    /// <summary>To wait on; that one of them can be read is all the news, and waiting for it takes it away.</summary>
    public int[] Descriptors => [.. _buffers.Select(buffer => buffer.Descriptor)];

    /// <summary>TCP listeners are told of, from their beginning to their end.</summary>
    public bool HasTcp { get; private set; }

    /// <summary>UDP sockets are told of when they get their port.</summary>
    public bool HasUdp { get; private set; }

    /// <summary>Begins; null, with the reason, where the kernel has no such thing.</summary>
    /// <param name="root">Where tracing is, or may for a moment be, mounted; empty for nowhere.</param>
    public static KernelTrace? Open(string root, out string reason)
    {
        reason = "it is not wanted";
        if (root.Length == 0) return null;
        var (listen, bind) = Tracepoints(root);
        var trace = new KernelTrace();
        var kind = Number(Kinds);
        trace.HasTcp = listen != 0 && trace.Add(processor => KernelEvents.OpenTracepoint(listen, TcpFilter, processor));
        // A kernel without IPv6 has the first alone.
        foreach (var function in BindFunctions)
            trace.HasUdp |= kind != 0 && trace.Add(processor => KernelEvents.OpenReturn((uint)kind, function, processor));
        if (!trace.HasUdp) trace.HasUdp = bind != 0 && trace.Add(processor => KernelEvents.OpenTracepoint(bind, "ret==0", processor));
        if (trace.HasTcp || trace.HasUdp) return trace;
        reason = trace._reason.Length > 0 ? trace._reason : "it has no events for sockets";
        trace.Dispose();
        return null;
    }

    public void Dispose()
    {
        foreach (var (_, buffer) in _buffers) KernelEvents.Unmap(buffer);
        foreach (var descriptor in _all) _ = Libc.Close(descriptor);
    }

    /// <summary>An event on every processor; false when that cannot be.</summary>
    private bool Add(Func<int, int> open)
    {
        foreach (var (at, processor) in ProcessorNumbers(Text(Processors)).Index())
        {
            var descriptor = open(processor);
            if (descriptor < 0)
            {
                _reason = Errno.Text(-descriptor);
                return false;
            }

            _all.Add(descriptor);
            if (at < _buffers.Count)
            {
                if (!KernelEvents.Join(descriptor, _buffers[at].Descriptor)) return false;
                continue;
            }

            var buffer = KernelEvents.Map(descriptor);
            if (buffer == 0) return false;
            _buffers.Add((descriptor, buffer));
        }

        return _all.Count > 0;
    }

    // Their numbers stand in files that are needed no longer than that.
    private static (ulong Listen, ulong Bind) Tracepoints(string root)
    {
        var events = Path.Combine(root, "events");
        var isMounted = Directory.Exists(events);
        if (!isMounted && Libc.Mount("tracefs", root, "tracefs", 0, null) < 0) return default;
        var found = (Number(Path.Combine(events, "sock/inet_sock_set_state/id")), Number(Path.Combine(events, "syscalls/sys_exit_bind/id")));
        if (!isMounted) _ = Libc.Unmount(root, 0);
        return found;
    }

    /// <summary>The numbers in a list such as <c>0-3,8</c>.</summary>
    public static IEnumerable<int> ProcessorNumbers(string list)
    {
        foreach (var part in list.Trim().Split(','))
        {
            var ends = part.Split('-');
            if (!int.TryParse(ends[0], CultureInfo.InvariantCulture, out var first) || !int.TryParse(ends[^1], CultureInfo.InvariantCulture, out var last)) continue;
            for (var number = first; number <= last; number++) yield return number;
        }
    }

    private static ulong Number(string file) => ulong.TryParse(Text(file).Trim(), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
