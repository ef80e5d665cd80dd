using System.Collections.Concurrent;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Tests.Fakes;

/// <summary>SSH servers that answer or not; one switch for all guests.</summary>
internal sealed class FakeSsh : ISshConnector
{
    private readonly ConcurrentDictionary<FakeSession, byte> _open = [];
    private int _sessions;
    private int _connecting;
    private int _asked;
    private int _pings;
    private int _tableReads;

    /// <summary>Whether servers can be reached.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>What the guest's marker file holds; empty when the boot scripts have not finished.</summary>
    public string Marker { get; set; } = "";

    /// <summary>The guest's mount table; outlives sessions.</summary>
    public ConcurrentDictionary<string, string> MountTable { get; } = [];

    /// <summary>What commands answer; null lets them print <see cref="Marker"/>.</summary>
    public Func<string, SshResult>? Exec { get; set; }

    /// <summary>Makes a ping hang.</summary>
    public bool IsMute { get; set; }

    /// <summary>How long ago every guest last answered something.</summary>
    public TimeSpan Silence { get; set; } = TimeSpan.MaxValue;

    /// <summary>How often a session was asked whether it is alive.</summary>
    public int Pings => Volatile.Read(ref _pings);

    /// <summary>How often a guest's mount table was read.</summary>
    public int TableReads => Volatile.Read(ref _tableReads);

    /// <summary>What connecting waits for, whatever is cancelled meanwhile.</summary>
    public Task ConnectGate { get; set; } = Task.CompletedTask;

    /// <summary>Sessions that were opened in all.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Connections that are being made.</summary>
    public int Connecting => Volatile.Read(ref _connecting);

    /// <summary>Sessions that are open now.</summary>
    public int Open => _open.Count;

    /// <summary>Breaks all sessions, and keeps new ones from being made.</summary>
    public void Break()
    {
        IsUp = false;
        foreach (var session in _open.Keys) session.Break();
    }

    /// <summary>Looks whether a server answers hang until they are cancelled, as they do in QEMU's network before the guest has one.</summary>
    public bool AskingHangs { get; set; }

    /// <summary>How often somebody looked whether a server answers.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public async Task<bool> AnswersAsync(SshTarget target, TimeSpan limit, CancellationToken cancel)
    {
        Interlocked.Increment(ref _asked);
        if (AskingHangs) await Task.Delay(Timeout.Infinite, cancel);
        return IsUp;
    }

    public async Task<ISshSession> ConnectAsync(SshTarget target, CancellationToken cancel)
    {
        Interlocked.Increment(ref _connecting);
        await ConnectGate;
        Interlocked.Decrement(ref _connecting);
        if (!IsUp) throw new DriverException(VmCauses.SshDown, "connecting", "no server");
        Interlocked.Increment(ref _sessions);
        var session = new FakeSession(this);
        _open.TryAdd(session, 0);
        return session;
    }

    internal void Pinged() => Interlocked.Increment(ref _pings);

    internal void TableRead() => Interlocked.Increment(ref _tableReads);

    internal void Closed(FakeSession session) => _open.TryRemove(session, out _);
}

/// <summary>One session.</summary>
internal sealed class FakeSession(FakeSsh owner) : ISshSession
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Closed => _closed.Task;

    public TimeSpan Silence => owner.Silence;

    public void Break() => _closed.TrySetResult();

    public Task<SshResult> ExecAsync(string command, TimeSpan limit, int outputLimit, CancellationToken cancel)
    {
        if (command.Contains("umount -l", StringComparison.Ordinal)) owner.MountTable.TryRemove(command.Split(' ')[^1], out _);
        var table = command == "cat /proc/self/mountinfo";
        if (table) owner.TableRead();
        if (!table && owner.Exec is { } exec) return Task.FromResult(exec(command));
        return Task.FromResult(new SshResult(0, table ? string.Concat(owner.MountTable.Values) : owner.Marker, "", Truncated: false));
    }

    public FakeSsh Owner => owner;

    public async Task PingAsync(TimeSpan limit, CancellationToken cancel)
    {
        owner.Pinged();
        if (!owner.IsMute) return;
        await Task.Delay(TimeSpan.FromMilliseconds(50), cancel);
        throw new DriverException("ssh-mute", "keeping the SSH session", "no answer in time");
    }

    public ValueTask DisposeAsync()
    {
        owner.Closed(this);
        _closed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
