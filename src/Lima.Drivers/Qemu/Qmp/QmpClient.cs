using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Lima.Domain.Vms;

namespace Lima.Drivers.Qemu.Qmp;

/// <summary>
/// A connection to QEMU's control socket. QEMU serves one client at a time, so whoever holds this keeps others out
/// until it is disposed.
/// </summary>
public sealed class QmpClient : IAsyncDisposable
{
    private const string Step = "talking to QEMU";
    private const int SocketLevel = 1, PeerCredentials = 17; // SOL_SOCKET, SO_PEERCRED

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly QmpOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly TaskCompletionSource<QemuVersion> _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<QmpEvent> _events;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;
    private long _lastId;

    private QmpClient(Socket socket, QmpOptions options, TimeProvider time)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _options = options;
        _time = time;
        _events = Channel.CreateBounded<QmpEvent>(
            new BoundedChannelOptions(options.EventsMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true });
        _reading = ReadAllAsync();
    }

    /// <summary>Version in QEMU's greeting.</summary>
    public QemuVersion Version { get; private set; }

    /// <summary>Process that listens on the control socket: QEMU.</summary>
    public int Pid
    {
        get
        {
            Span<byte> credentials = stackalloc byte[12];
            _socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
            return BitConverter.ToInt32(credentials);
        }
    }

    /// <summary>What QEMU says by itself, in order; ends when the connection does.</summary>
    public ChannelReader<QmpEvent> Events => _events.Reader;

    /// <summary>Completes when the connection is gone and everything that came over it has been read.</summary>
    public Task Closed => _reading;

    /// <summary>Connects, waits for the greeting and leaves negotiation mode.</summary>
    /// <exception cref="DriverException">Code <c>qmp-closed</c>: nobody listens or it hung up; <c>qmp-mute</c>: no greeting in time.</exception>
    public static async Task<QmpClient> ConnectAsync(string socketPath, QmpOptions options, TimeProvider time, CancellationToken cancel)
    {
        var client = new QmpClient(await DialAsync(socketPath, options, time, cancel), options, time);
        try
        {
            client.Version = await client.InTimeAsync(client._greeted.Task, options.GreetingLimit, "no greeting", cancel);
            await client.ExecuteAsync("qmp_capabilities", null, options.GreetingLimit, cancel);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command and returns its value.</summary>
    /// <param name="command">Name of the command.</param>
    /// <param name="arguments">Its arguments, if any.</param>
    /// <param name="limit">Longest wait for the answer; null for the connection's own.</param>
    /// <param name="cancel">Gives up waiting; QEMU may still obey.</param>
    /// <exception cref="DriverException">Code <c>qmp-refused</c>, <c>qmp-mute</c> or <c>qmp-closed</c>.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments, TimeSpan? limit, CancellationToken cancel)
    {
        var id = Interlocked.Increment(ref _lastId);
        var message = new JsonObject { ["execute"] = command, ["id"] = id };
        if (arguments is not null) message["arguments"] = arguments;
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            if (_reading.IsCompleted) throw Closing();
            var exchange = SendAsync(message, answer.Task);
            return await InTimeAsync(exchange, limit ?? _options.CommandLimit, $"no answer to `{command}`", cancel);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _stream.DisposeAsync();
        await _reading;
        // Waits of callers end by themselves now; the semaphore holds nothing that needs freeing.
    }

    private static async Task<Socket> DialAsync(string path, QmpOptions options, TimeProvider time, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).AsTask().WaitAsync(options.GreetingLimit, time, cancel);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is OperationCanceledException) throw;
            throw new DriverException("qmp-closed", Step, $"QEMU's control socket {path} cannot be reached: {e.Message}", inner: e);
        }
    }

    private async Task<JsonElement> SendAsync(JsonObject message, Task<JsonElement> answer)
    {
        // One write: QEMU obeys at the closing bracket, and after `quit` nobody would take the rest.
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message), (byte)'\n'];
        await _writing.WaitAsync(_closing.Token);
        try
        {
            await _stream.WriteAsync(line.AsMemory(), _closing.Token);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Closing(e);
        }
        finally
        {
            _writing.Release();
        }

        return await answer;
    }

    private async Task<T> InTimeAsync<T>(Task<T> task, TimeSpan limit, string what, CancellationToken cancel)
    {
        try
        {
            return await task.WaitAsync(limit, _time, cancel);
        }
        catch (TimeoutException)
        {
            Forget(task);
            throw new DriverException(
                VmCauses.QmpMute, Step, $"QEMU is alive but mute: {what} within {limit.TotalSeconds:0.#} s", "end it with `limactl stop --force`");
        }
        catch (OperationCanceledException)
        {
            Forget(task);
            cancel.ThrowIfCancellationRequested();
            throw Closing();
        }
    }

    private static void Forget(Task task) =>
        task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private static DriverException Closing(Exception? inner = null) =>
        new("qmp-closed", Step, "QEMU closed its control socket", inner: inner);

    private async Task ReadAllAsync()
    {
        await Task.Yield();
        var reader = PipeReader.Create(_stream);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(_closing.Token);
                var rest = Consume(result.Buffer);
                if (result.IsCompleted || rest.Length > _options.LineBytesMax) break;
                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or JsonException or SocketException or InvalidOperationException)
        {
            // The connection is over, or what comes over it is no QMP; either way it ends below.
        }

        await _stream.DisposeAsync();
        _events.Writer.TryComplete();
        _greeted.TrySetException(Closing());
        Forget(_greeted.Task);
        foreach (var answer in _pending.Values) answer.TrySetException(Closing());
    }

    private ReadOnlySequence<byte> Consume(ReadOnlySequence<byte> buffer)
    {
        while (buffer.PositionOf((byte)'\n') is { } end)
        {
            var line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            if (line.Length > _options.LineBytesMax) throw new JsonException("line too long");
            if (line.Length > 1) Understand(line);
        }

        return buffer;
    }

    private void Understand(ReadOnlySequence<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException("no object");
        if (root.TryGetProperty("event", out var name)) Announce(name, root);
        else if (root.TryGetProperty("QMP", out var greeting)) _greeted.TrySetResult(QemuVersion.FromGreeting(greeting));
        else if (root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number)) Answer(number, root);
    }

    private void Announce(JsonElement name, JsonElement root)
    {
        var data = root.TryGetProperty("data", out var given) ? given.Clone() : default;
        _events.Writer.TryWrite(new QmpEvent(name.ToString(), data));
    }

    private void Answer(long id, JsonElement root)
    {
        // An answer that comes after its deadline finds nobody waiting.
        if (!_pending.TryRemove(id, out var answer)) return;
        if (root.TryGetProperty("return", out var value))
        {
            answer.TrySetResult(value.Clone());
            return;
        }

        var reason = root.TryGetProperty("error", out var error) && error.TryGetProperty("desc", out var text) ? text.ToString() : "no reason given";
        answer.TrySetException(new DriverException(VmCauses.QmpRefused, Step, $"QEMU refused: {reason}"));
    }
}
