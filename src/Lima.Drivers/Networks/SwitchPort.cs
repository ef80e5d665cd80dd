using System.Buffers;
using System.Net.Sockets;
using Lima.Domain.Networks;

namespace Lima.Drivers.Networks;

/// <summary>
/// The switch's end of the cable to one card: a socket of datagrams, each of which is one frame. Either end may go and come back under
/// its path. Frames for a guest that takes none for a while wait, up to a limit; then they are lost, as in any network.
/// </summary>
internal sealed class SwitchPort : IAsyncDisposable
{
    /// <summary>Frames that wait for a guest.</summary>
    public const int WaitingMax = 512;

    // Turns after which another port has its own.
    private const int TurnsAtOnce = 64;
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Buffer, int Length)> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private Task _receiving = Task.CompletedTask;
    private bool _isConnected, _isDraining, _isClosed;
    private FloodBudget _budget;

    private SwitchPort(NetworkMember member, Ipv4 address, string path, Socket socket, TimeProvider time)
    {
        (Member, Address, Path, _socket, _time) = (member, address, path, socket, time);
        Stopping = _stop.Token;
    }

    /// <summary>Whose card it is.</summary>
    public NetworkMember Member { get; }

    /// <summary>The card's address.</summary>
    public Ipv4 Address { get; }

    /// <summary>The socket's file. It stays when this ends, as it may be the next one's by then.</summary>
    public string Path { get; }

    /// <summary>Questions of this guest that are being answered.</summary>
    public int Questions;

    /// <summary>Cancelled when the cable is pulled.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Makes the socket, in place of one that was left behind there.</summary>
    /// <exception cref="DriverException">It cannot be made.</exception>
    public static SwitchPort Open(NetworkMember member, Ipv4 address, string path, TimeProvider time)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            File.Delete(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return new SwitchPort(member, address, path, socket, time);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new DriverException(
                Domain.Vms.VmCauses.LaunchFailed, "attaching to the network", $"the socket `{path}` cannot be made: {e.Message}", "correct that, then try again", e);
        }
    }

    /// <summary>Begins to take frames from the guest.</summary>
    /// <param name="receive">Gets each; what it keeps it must copy.</param>
    /// <param name="failed">Called when that has ended by a failure.</param>
    public void Start(FrameHandler receive, Action<Exception> failed)
    {
        lock (_gate) TryConnect();
        _receiving = Task.Run(async () =>
        {
            try
            {
                await ReceiveAsync(receive);
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                failed(e);
            }
            catch (Exception)
            {
                // What was under way when the cable was pulled.
            }
        });
    }

    /// <summary>Whether this guest may send one more frame to everybody.</summary>
    public bool MayFlood(TimeSpan now) => _budget.Take(now);

    /// <summary>Sends a frame to the guest, now or when it takes some again. Never waits and never fails.</summary>
    public void Send(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            if (_waiting.Count == 0)
            {
                if (!_isConnected && !TryConnect()) return;
                _socket.Send(frame, SocketFlags.None, out var error);
                if (error == SocketError.Success) return;
                if (error is not (SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable))
                {
                    _isConnected = false;
                    return;
                }
            }

            if (_waiting.Count >= WaitingMax) return;
            var buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
            frame.CopyTo(buffer);
            _waiting.Enqueue((buffer, frame.Length));
            if (_isDraining) return;
            _isDraining = true;
        }

        _ = DrainAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
        }

        await _stop.CancelAsync();
        _socket.Dispose();
        await _receiving;
        lock (_gate) Empty();
        _stop.Dispose();
    }

    private async Task ReceiveAsync(FrameHandler receive)
    {
        // One byte more than any frame, so that what is too long is seen to be.
        var buffer = GC.AllocateUninitializedArray<byte>(Packet.SizeMax + 1, pinned: true);
        for (var turn = 1; !_stop.IsCancellationRequested; turn++)
        {
            try
            {
                var length = await _socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
                receive(this, buffer.AsSpan(0, length));
            }
            catch (SocketException)
            {
                // The other end was closed; the next may come under the same path.
                lock (_gate) _isConnected = false;
                await Task.Delay(PauseAfterError, _time, _stop.Token);
            }

            if (turn % TurnsAtOnce == 0) await Task.Yield();
        }
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            (byte[] Buffer, int Length) next;
            lock (_gate)
            {
                if (_isClosed || !_waiting.TryPeek(out next))
                {
                    _isDraining = false;
                    return;
                }
            }

            try
            {
                await _socket.SendAsync(next.Buffer.AsMemory(0, next.Length), SocketFlags.None, Stopping);
                lock (_gate)
                {
                    // Closing, or a failure of the one before, has emptied it meanwhile.
                    if (_waiting.Count > 0) ArrayPool<byte>.Shared.Return(_waiting.Dequeue().Buffer);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                lock (_gate)
                {
                    _isConnected = false;
                    Empty();
                }
            }
        }
    }

    // A cable that leads nowhere costs one call for each frame, and the frame is lost.
    private bool TryConnect() => _isConnected = DatagramPeer.Connect(_socket, Member.GuestSocket);

    private void Empty()
    {
        while (_waiting.TryDequeue(out var frame)) ArrayPool<byte>.Shared.Return(frame.Buffer);
    }
}

/// <summary>Takes a frame that came in at a port; it is valid during the call.</summary>
internal delegate void FrameHandler(SwitchPort port, ReadOnlySpan<byte> frame);
