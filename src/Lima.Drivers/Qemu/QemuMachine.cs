using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Lima.Domain.Vms;
using Lima.Drivers.Files;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu.Qmp;

namespace Lima.Drivers.Qemu;

/// <summary>
/// A living QEMU. Holds its control connection and makes a new one when it breaks; the process itself is watched by the
/// kernel, so its end is told whatever the connection does.
/// </summary>
public sealed class QemuMachine : IMachine
{
    private const int EventsMax = 256;
    private const int Kill = 9;

    // What QEMU said last may still lie in the socket when the kernel says that it is gone.
    private static readonly TimeSpan LastWordsLimit = TimeSpan.FromSeconds(2);

    private readonly InstanceDirectory _directory;
    private readonly ProcessTable _table;
    private readonly QemuOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _released = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly MachineEvents _understanding = new();
    private readonly GuestLogs _logs;
    private readonly TaskCompletionSource _firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _living;

    // The oldest are dropped for a reader who does not read: the newest state and the end always get through.
    private readonly Channel<MachineEvent> _events =
        Channel.CreateBounded<MachineEvent>(new BoundedChannelOptions(EventsMax) { FullMode = BoundedChannelFullMode.DropOldest });

    private TaskCompletionSource<QmpClient> _connected = NewPromise();
    private Task _listening = Task.CompletedTask;
    private int _eventsTaken;

    internal QemuMachine(
        ProcessIdentity process, InstanceDirectory directory, QmpClient? connection, ProcessTable table, QemuOptions options, TimeProvider time)
    {
        (Process, _directory, _table, _options, _time) = (process, directory, table, options, time);
        Disks = new QemuMachineDisks(CommandAsync, time);
        _logs = new GuestLogs(directory);
        _living = LiveAsync(connection);
    }

    /// <inheritdoc/>
    public IMachineDisks Disks { get; }

    /// <inheritdoc/>
    public ImmutableArray<MachineCard> Cards => QemuNetworks.Cards(ProcessTable.Arguments(Process.Pid));

    /// <inheritdoc/>
    public ProcessIdentity Process { get; }

    /// <inheritdoc/>
    public IAsyncEnumerable<MachineEvent> Events => _events.Reader.ReadAllAsync();

    /// <summary>Completes once the first attempt to connect has succeeded or failed.</summary>
    internal Task FirstTry => _firstTry.Task;

    /// <inheritdoc/>
    public Task PowerDownAsync(CancellationToken cancel) => CommandAsync("system_powerdown", cancel);

    /// <inheritdoc/>
    public Task PauseAsync(CancellationToken cancel) => CommandAsync("stop", cancel);

    /// <inheritdoc/>
    public Task ResumeAsync(CancellationToken cancel) => CommandAsync("cont", cancel);

    /// <summary>Tells QEMU to end itself in good order; the guest is not asked.</summary>
    public Task QuitAsync(CancellationToken cancel) => CommandAsync("quit", cancel);

    /// <inheritdoc/>
    public async Task<MachineStatus> QueryAsync(CancellationToken cancel)
    {
        // It is asked now and then, which is often enough to look after its logs.
        _logs.Bound();
        return Status(await CommandAsync("query-status", cancel));
    }

    /// <summary>Runs any control command; limits and errors as everywhere.</summary>
    public Task<JsonElement> CommandAsync(string command, CancellationToken cancel) => CommandAsync(command, null, cancel);

    private async Task<JsonElement> CommandAsync(string command, JsonObject? arguments, CancellationToken cancel)
    {
        var started = _time.GetTimestamp();
        var client = await ConnectionAsync(cancel);
        var left = _options.Qmp.CommandLimit - _time.GetElapsedTime(started);
        return await client.ExecuteAsync(command, arguments, left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1), cancel);
    }

    /// <inheritdoc/>
    public Task KillAsync(CancellationToken cancel)
    {
        _table.Signal(Process, Kill);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_released.IsCancellationRequested) await _released.CancelAsync();
        await _living;
        _events.Writer.TryComplete();
    }

    internal static MachineStatus Status(JsonElement answer) =>
        (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("status", out var status) ? status.ToString() : "") switch
        {
            "running" => MachineStatus.Running,
            "paused" or "prelaunch" => MachineStatus.Paused,
            "io-error" => MachineStatus.IoError,
            "guest-panicked" => MachineStatus.Panicked,
            "shutdown" => MachineStatus.ShutDown,
            _ => MachineStatus.Other,
        };

    private static TaskCompletionSource<QmpClient> NewPromise() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<QmpClient> ConnectionAsync(CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_released.IsCancellationRequested, this);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel, _gone.Token, _released.Token);
        try
        {
            return await Volatile.Read(ref _connected).Task.WaitAsync(_options.Qmp.CommandLimit, _time, ended.Token);
        }
        catch (TimeoutException)
        {
            throw new DriverException(
                VmCauses.QmpMute, "talking to QEMU", $"QEMU of instance `{_directory.Name}` is alive but does not answer on {_directory.QmpSocket}",
                $"end it with `limactl stop --force {_directory.Name}`");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new DriverException("qmp-closed", "talking to QEMU", $"QEMU of instance `{_directory.Name}` has ended");
        }
    }

    private async Task LiveAsync(QmpClient? connection)
    {
        await Task.Yield();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_released.Token, _gone.Token);
        var talking = TalkAsync(connection, stop.Token);
        try
        {
            await WaitExitAsync();
        }
        catch (OperationCanceledException)
        {
            await talking; // Let go of on purpose; the machine goes on.
            return;
        }

        // The connection ends by itself now; it is read to its end so that the last words count.
        await Task.WhenAny(Volatile.Read(ref _listening), Task.Delay(LastWordsLimit, _time, CancellationToken.None));
        await _gone.CancelAsync();
        await talking;
        // QEMU removes its pid file when it ends in good order, and leaves it when it crashes or is killed.
        var orderly = Directory.Exists(_directory.Path) && !File.Exists(_directory.QemuPid);
        _events.Writer.TryWrite(new MachineEvent.Exited(_understanding.Exit(orderly), LogTail.Read(_directory.QemuLog)));
        _events.Writer.TryComplete();
    }

    private async Task WaitExitAsync()
    {
        while (true)
        {
            try
            {
                await _table.WaitExitAsync(Process, _released.Token);
                return;
            }
            catch (DriverException)
            {
                // It cannot be watched right now (no descriptors left), which says nothing about it: tried again.
                await Task.Delay(_options.Reconnect.Last, _time, _released.Token);
            }
        }
    }

    /// <summary>Keeps a connection as long as the process lives.</summary>
    private async Task TalkAsync(QmpClient? connection, CancellationToken stop)
    {
        var pause = _options.Reconnect.First;
        while (!stop.IsCancellationRequested)
        {
            connection ??= await TryConnectAsync(stop);
            _firstTry.TrySetResult();
            if (connection is not null)
            {
                pause = _options.Reconnect.First;
                var listening = ListenAsync(connection, stop);
                Volatile.Write(ref _listening, listening);
                await listening;
                connection = null;
            }

            await Task.Delay(pause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < _options.Reconnect.Last ? pause * 2 : _options.Reconnect.Last;
        }

        _firstTry.TrySetResult();
    }

    private async Task<QmpClient?> TryConnectAsync(CancellationToken stop)
    {
        try
        {
            return await QmpClient.ConnectAsync(_directory.QmpSocket, _options.Qmp, _time, stop);
        }
        catch (Exception e) when (e is DriverException or OperationCanceledException)
        {
            return null; // Not there yet, mute, or busy with another client: tried again.
        }
    }

    private async Task ListenAsync(QmpClient client, CancellationToken stop)
    {
        await using var held = client;
        var catchingUp = CatchUpAsync(client, stop);
        Volatile.Read(ref _connected).TrySetResult(client);
        try
        {
            await foreach (var said in client.Events.ReadAllAsync(stop))
            {
                lock (_understanding)
                {
                    _eventsTaken++;
                    Announce(_understanding.Take(said));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Let go of, or the process is gone and nothing more can come.
        }

        Volatile.Write(ref _connected, NewPromise());
        await held.DisposeAsync();
        await catchingUp;
    }

    /// <summary>Asks how the machine is, since events of the time before this connection are lost.</summary>
    private async Task CatchUpAsync(QmpClient client, CancellationToken stop)
    {
        try
        {
            var before = Volatile.Read(ref _eventsTaken);
            var status = Status(await client.ExecuteAsync("query-status", null, null, stop));
            lock (_understanding)
            {
                // An event taken meanwhile may be newer than this answer; then it knows better.
                if (before == _eventsTaken) Announce(_understanding.Take(status));
            }
        }
        catch (Exception e) when (e is DriverException or OperationCanceledException)
        {
            // The connection broke again; the next one asks again.
        }
    }

    private void Announce(MachineEvent? news)
    {
        if (news is not null) _events.Writer.TryWrite(news);
    }
}
