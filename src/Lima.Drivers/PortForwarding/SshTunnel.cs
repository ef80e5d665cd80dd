using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using Lima.Domain.PortForwarding;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// The way into a guest by OpenSSH: one process that is kept for as long as it is wanted, and made anew when it ends. It listens on
/// socket files only; the host's ends are ours, and stay while the way is being made anew.
/// </summary>
internal sealed class SshTunnel : IGuestPath, IAsyncDisposable
{
    private const int SigKill = 9;
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(60);
    private const string Step = "reaching the guest by SSH";
    private static readonly TimeSpan UpLimit = TimeSpan.FromSeconds(15), ControlLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan QueuePause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(10);
    private static readonly string Script = ReadScript();

    private readonly InstanceDirectory _directory;
    private readonly bool _watch;
    private readonly ProcessTable _processes;
    private readonly TimeProvider _time;
    private readonly Action<string> _said;
    private readonly Action<bool, string> _changed;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _stopped;
    private readonly Task _running;
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isWanted;
    private int _carried;
    private TaskCompletionSource<Life> _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins; there is no process before it is wanted.</summary>
    /// <param name="directory">The instance.</param>
    /// <param name="watch">Whether listeners of the guest are watched.</param>
    /// <param name="said">Told what the watcher says, line by line.</param>
    /// <param name="changed">Told when the way is up or down: whether it is up, and why not.</param>
    /// <param name="processes">For processes of an earlier host.</param>
    /// <param name="time">For limits and pauses.</param>
    public SshTunnel(
        InstanceDirectory directory, bool watch, Action<string> said, Action<bool, string> changed, ProcessTable processes, TimeProvider time)
    {
        (_directory, _watch, _said, _changed, _processes, _time) = (directory, watch, said, changed, processes, time);
        _stopped = Task.Delay(Timeout.InfiniteTimeSpan, _time, _stop.Token);
        _running = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public string Name => "ssh";

    /// <inheritdoc/>
    public bool IsUp => Volatile.Read(ref _up).Task.IsCompletedSuccessfully;

    /// <inheritdoc/>
    public bool Carries(ForwardEnd guest) => true;

    /// <inheritdoc/>
    public async Task CarryAsync(Socket client, ForwardEnd guest, CancellationToken cancel)
    {
        Interlocked.Increment(ref _carried);
        try
        {
            if (!IsUp) throw Unreachable();
            await Splice.RunAsync(client, await ConnectAsync(guest, cancel), cancel);
        }
        finally
        {
            if (Interlocked.Decrement(ref _carried) == 0) Wake();
        }
    }

    private async Task<Socket> ConnectAsync(ForwardEnd guest, CancellationToken cancel)
    {
        var life = await UpAsync(cancel);
        var server = guest.IsSocket ? await LocalAsync(life, guest.Socket, cancel) : _directory.ForwardSocksSocket;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await QueueAsync(socket, server, cancel);
            if (!guest.IsSocket) await Socks5.ConnectAsync(socket, IpText.ToReach(guest.Ip), guest.Port, cancel);
            return socket;
        }
        catch (Exception e)
        {
            // Refused by ssh's server: it is the guest's end that is not there.
            var isRefused = socket.Connected && e is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            socket.Dispose();
            if (e is not SocketException) throw;
            var code = isRefused ? "forward-refused" : IGuestPath.Down;
            throw new DriverException(code, Step, $"{guest} of the guest cannot be reached: {e.Message}", inner: e);
        }
    }

    /// <summary>ssh lets 128 connections wait to be accepted; the kernel turns further ones away at once, and they come again.</summary>
    private async Task QueueAsync(Socket socket, string server, CancellationToken cancel)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(server), cancel);
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain && _time.GetElapsedTime(began) < UpLimit)
            {
                await Task.Delay(QueuePause, _time, cancel);
            }
        }
    }

    /// <summary>Has the process made anew when its script at the other end does not answer. It is asked when it has been silent for a minute.</summary>
    public async Task CheckAsync(TimeSpan limit, CancellationToken cancel)
    {
        if (!IsUp) return;
        var child = (await _up.Task).Child;
        if (child.Silence >= SilenceMax && !await child.AnswersAsync(limit, cancel)) child.Kill();
    }

    /// <summary>Whether there is to be such a process. One that is not wanted any more goes on while it carries connections.</summary>
    public void Want(bool isWanted)
    {
        Volatile.Write(ref _isWanted, isWanted);
        Wake();
    }

    /// <summary>Runs ssh for a moment, over the process that is there.</summary>
    public Task<ToolResult> SshAsync(ImmutableArray<string> arguments, CancellationToken cancel) =>
        ProcessRunner.RunAsync(new ProcessSpec("ssh", arguments), ControlLimit, cancel, time: _time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>The process, once it is up.</summary>
    /// <exception cref="DriverException">It is not in time (<c>forward-down</c>).</exception>
    public async Task<Life> UpAsync(CancellationToken cancel)
    {
        try
        {
            return await Volatile.Read(ref _up).Task.WaitAsync(UpLimit, _time, cancel);
        }
        catch (TimeoutException e)
        {
            throw Unreachable(e);
        }
    }

    private DriverException Unreachable(Exception? inner = null) =>
        new(IGuestPath.Down, Step, $"instance `{_directory.Name}` cannot be reached by SSH now", "it is tried again by itself", inner);

    private async Task RunAsync()
    {
        var pause = FirstPause;
        while (await WantedAsync())
        {
            var (wasUp, why) = await LiveAsync();
            if (_stop.IsCancellationRequested) break;
            _changed(false, why);
            pause = wasUp ? FirstPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        RemoveSockets();
    }

    /// <summary>Waits until there is to be a process; false at the end.</summary>
    private async Task<bool> WantedAsync()
    {
        while (true)
        {
            var woken = Volatile.Read(ref _woken).Task;
            if (_stop.IsCancellationRequested) return false;
            if (Volatile.Read(ref _isWanted)) return true;
            await Task.WhenAny(woken, _stopped);
        }
    }

    /// <summary>Waits until the process has ended, or is to end.</summary>
    private async Task UsedUpAsync(SshChild child)
    {
        while (true)
        {
            var woken = Volatile.Read(ref _woken).Task;
            if (_stop.IsCancellationRequested || child.Ended.IsCompleted) return;
            if (!Volatile.Read(ref _isWanted) && Volatile.Read(ref _carried) == 0) return;
            await Task.WhenAny(woken, child.Ended, _stopped);
        }
    }

    private void Wake() => Interlocked.Exchange(ref _woken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>One life of the process, from its start to its end; whether it was of use, and why it ended.</summary>
    private async Task<(bool WasUp, string Why)> LiveAsync()
    {
        try
        {
            EndOrphans();
            RemoveSockets();
            await using var child = await SshChild.StartAsync(SshTunnelArguments.Master(_directory, _watch), Script, _said, _time);
            await Task.WhenAny(child.Ready, _stopped);
            if (_stop.IsCancellationRequested) return (false, "");
            await child.Ready;
            _up.TrySetResult(new Life(child));
            _changed(true, "");
            await UsedUpAsync(child);
            Volatile.Write(ref _up, new TaskCompletionSource<Life>(TaskCreationOptions.RunContinuationsAsynchronously));
            // A connection may have come in this moment.
            await UsedUpAsync(child);
            return (true, child.Ended.IsCompleted ? await child.Ended : "");
        }
        catch (DriverException e)
        {
            return (false, e.Message);
        }
    }

    /// <summary>The process of a host that was killed ends by itself; one that does not is in the way.</summary>
    private void EndOrphans()
    {
        foreach (var orphan in _processes.FindByArguments("-M", "-S", _directory.ForwardControlSocket)) _processes.Signal(orphan, SigKill);
    }

    private void RemoveSockets()
    {
        try
        {
            if (Directory.Exists(_directory.Path))
                foreach (var left in Directory.EnumerateFileSystemEntries(_directory.Path, InstanceDirectory.ForwardSockets)) File.Delete(left);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ssh replaces them, or says why it cannot.
        }
    }

    /// <summary>The socket of the host that leads to one of the guest, made at first use in each life of the process.</summary>
    private async Task<string> LocalAsync(Life life, string guestSocket, CancellationToken cancel)
    {
        var made = life.Locals.GetOrAdd(guestSocket, path => new Lazy<Task<string>>(() => MakeLocalAsync(life, path)));
        try
        {
            return await made.Value.WaitAsync(cancel);
        }
        catch (DriverException)
        {
            life.Locals.TryRemove(new KeyValuePair<string, Lazy<Task<string>>>(guestSocket, made));
            throw;
        }
    }

    private async Task<string> MakeLocalAsync(Life life, string guestSocket)
    {
        var local = _directory.ForwardSocket(Interlocked.Increment(ref life.LocalsMade));
        var added = await SshAsync(SshTunnelArguments.Control(_directory, "forward", reverse: false, local, guestSocket), _stop.Token);
        return added.ExitCode == 0 ? local : throw new DriverException("forward-failed", "forwarding a socket", added.LastError);
    }

    private static string ReadScript()
    {
        using var stream = typeof(SshTunnel).Assembly.GetManifestResourceStream("watch-ports.sh")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>One life of the process.</summary>
    internal sealed class Life(SshChild child)
    {
        public int LocalsMade;

        public SshChild Child => child;

        public ConcurrentDictionary<string, Lazy<Task<string>>> Locals { get; } = new(StringComparer.Ordinal);
    }
}
