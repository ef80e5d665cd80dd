using System.Buffers.Binary;
using System.Net.Sockets;
using Lima.Testing;
using Microsoft.Win32.SafeHandles;

namespace Lima.VirtiofsRelay.Tests;

/// <summary>The relay between a QEMU and daemons that are played by the test, over real sockets with real descriptors.</summary>
public sealed class RelayTests : IDisposable
{
    private const ulong QemuAddress = 0x7f00_0000_0000, RingAt = 0x1000;
    private const ushort Used = 0x1234;

    private readonly TemporaryDirectory _directory = new();
    private readonly Played _daemons = new();
    private readonly VhostSocket _qemu;
    private readonly Task _running;

    public RelayTests()
    {
        var (qemu, relays) = Pair();
        _qemu = new VhostSocket(qemu);
        var first = _daemons.Listen();
        _running = Task.Factory.StartNew(() =>
        {
            using var relay = new Relay(new VhostSocket(relays), _daemons, TextWriter.Null);
            relay.Run(first);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public void Dispose()
    {
        _qemu.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Messages_go_both_ways_with_their_descriptors()
    {
        var daemon = await _daemons.NextAsync();
        File.WriteAllText(_directory["memory"], "of the guest");
        Assert.True(_qemu.Send(new VhostMessage(VhostRequest.SetMemoryTable, 9, Table(size: 12), [Open("memory")])));
        var table = daemon.Receive()!;
        Assert.Equal((VhostRequest.SetMemoryTable, 9u, true), (table.Request, table.Flags, table.IsAwaited));
        Assert.Equal(Table(size: 12), table.Payload);
        var text = new byte[12];
        Assert.Equal(12, RandomAccess.Read(Assert.Single(table.Files), text, 0));
        Assert.Equal("of the guest"u8, text);
        daemon.Send(table.Answer(new byte[8]));
        Assert.Equal((VhostRequest.SetMemoryTable, 5u), Head(_qemu.Receive()));
    }

    [Fact]
    public async Task What_could_not_be_kept_up_is_not_offered_to_QEMU()
    {
        var daemon = await _daemons.NextAsync();
        _qemu.Send(VhostMessage.Of(VhostRequest.GetProtocolFeatures));
        daemon.Send(daemon.Receive()!.Answer([0x2b, 0x8c, 0x08, 0, 0, 0, 0, 0]));
        Assert.Equal([0x29, 0x0c, 0, 0, 0, 0, 0, 0], _qemu.Receive()!.Payload);
    }

    [Fact]
    public async Task Another_daemon_is_told_all_that_the_last_one_knew_and_goes_on_where_it_was()
    {
        var daemon = await _daemons.NextAsync();
        SetUp(daemon);
        daemon.Dispose();
        var next = await _daemons.NextAsync();
        Assert.Equal(1, _daemons.Ended);
        VhostRequest[] told =
        [
            VhostRequest.SetOwner, VhostRequest.SetFeatures, VhostRequest.SetMemoryTable, VhostRequest.SetRingSize, VhostRequest.SetRingBase,
            VhostRequest.SetRingAddress, VhostRequest.SetRingCall, VhostRequest.SetRingKick,
        ];
        var all = told.Select(_ => next.Receive()!).ToList();
        Assert.Equal(told, all.Select(message => message.Request));
        Assert.All(all, message => Assert.False(message.IsAwaited));
        Assert.Equal([0, 0, 0, 0, 0x34, 0x12, 0, 0], all[4].Payload);
        Assert.Equal([1, 0, 1], new[] { all[2], all[5], all[7] }.Select(message => message.Files.Length));
        // It is the one that is spoken to from now on.
        _qemu.Send(VhostMessage.Of(VhostRequest.GetQueueNumber));
        next.Send(next.Receive()!.Answer([2, 0, 0, 0, 0, 0, 0, 0]));
        Assert.Equal([2, 0, 0, 0, 0, 0, 0, 0], _qemu.Receive()!.Payload);
    }

    [Fact]
    public async Task QEMU_does_not_wait_for_ever_when_the_daemon_dies()
    {
        var daemon = await _daemons.NextAsync();
        _qemu.Send(VhostMessage.Of(VhostRequest.GetFeatures));
        daemon.Send(daemon.Receive()!.Answer([7, 0, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(7, _qemu.Receive()!.Payload[0]);
        SetUp(daemon);
        _daemons.IsGone = true;
        _qemu.Send(VhostMessage.Of(VhostRequest.GetFeatures));
        Assert.Equal(VhostRequest.GetFeatures, daemon.Receive()!.Request);
        daemon.Dispose();
        Assert.Equal(7, _qemu.Receive()!.Payload[0]);
        // While there is none.
        _qemu.Send(VhostMessage.Of(VhostRequest.GetRingBase, 0, 0, 0, 0, 0, 0, 0, 0));
        Assert.Equal([0, 0, 0, 0, 0x34, 0x12, 0, 0], _qemu.Receive()!.Payload);
        // A ring that stands still is not begun again.
        _daemons.IsGone = false;
        var next = await _daemons.NextAsync();
        _qemu.Send(VhostMessage.Of(VhostRequest.GetQueueNumber));
        var told = new List<VhostRequest>();
        while (!told.Contains(VhostRequest.GetQueueNumber))
        {
            var message = next.Receive()!;
            told.Add(message.Request);
            if (message.IsAwaited) next.Send(message.Answer(new byte[8]));
        }

        Assert.DoesNotContain(VhostRequest.SetRingKick, told);
        Assert.Contains(VhostRequest.SetMemoryTable, told);
    }

    [Fact]
    public async Task It_ends_with_QEMU()
    {
        var daemon = await _daemons.NextAsync();
        _qemu.Dispose();
        await _running.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Null(daemon.Receive());
    }

    [Theory]
    [InlineData(QemuAddress, true)]
    [InlineData(QemuAddress + 0x2000 - RingAt, false)]
    [InlineData(QemuAddress - 0x1001, false)]
    [InlineData(ulong.MaxValue - 8, false)]
    public void A_ring_is_looked_for_in_the_guests_memory_only(ulong at, bool isThere)
    {
        WriteMemory();
        var memory = new VhostMessage(VhostRequest.SetMemoryTable, 1, Table(0x2000), [Open("memory")]);
        Assert.Equal(isThere ? Used : null, GuestMemory.UsedIndex(memory, VhostMessage.Of(VhostRequest.SetRingAddress, Address(at + RingAt))));
    }

    private static (VhostRequest, uint) Head(VhostMessage? message) => (message!.Request, message.Flags);

    /// <summary>One ring, the way QEMU does it.</summary>
    private void SetUp(VhostSocket daemon)
    {
        WriteMemory();
        VhostMessage[] all =
        [
            VhostMessage.Of(VhostRequest.SetOwner),
            VhostMessage.Of(VhostRequest.SetFeatures, 1, 0, 0, 0, 0, 0, 0, 0),
            new(VhostRequest.SetMemoryTable, 1, Table(0x2000), [Open("memory")]),
            VhostMessage.Of(VhostRequest.SetRingSize, 0, 0, 0, 0, 0, 4, 0, 0),
            VhostMessage.Of(VhostRequest.SetRingBase, 0, 0, 0, 0, 0, 0, 0, 0),
            VhostMessage.Of(VhostRequest.SetRingAddress, Address(QemuAddress + RingAt)),
            new(VhostRequest.SetRingCall, 1, new byte[8], [Open("memory")]),
            new(VhostRequest.SetRingKick, 1, new byte[8], [Open("memory")]),
            new(VhostRequest.SetRingCall, 1, new byte[8], [Open("memory")]),
        ];
        foreach (var message in all)
        {
            _qemu.Send(message);
            Assert.Equal(message.Request, daemon.Receive()!.Request);
        }
    }

    private void WriteMemory()
    {
        var memory = new byte[0x2000 + 4096];
        BinaryPrimitives.WriteUInt16LittleEndian(memory.AsSpan(4096 + (int)RingAt + 2), Used);
        File.WriteAllBytes(_directory["memory"], memory);
    }

    private SafeFileHandle Open(string name) => File.OpenHandle(_directory[name]);

    // One region, which begins one page into its file.
    private static byte[] Table(ulong size)
    {
        var table = new byte[40];
        table[0] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(16), size);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(24), QemuAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(32), 4096);
        return table;
    }

    private static byte[] Address(ulong used)
    {
        var address = new byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(address.AsSpan(16), used);
        return address;
    }

    private static (Socket, Socket) Pair()
    {
        using var directory = new TemporaryDirectory();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(directory["s"]));
        listener.Listen(1);
        var one = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // A test that waits in vain fails.
        one.ReceiveTimeout = 60_000;
        one.Connect(new UnixDomainSocketEndPoint(directory["s"]));
        return (one, listener.Accept());
    }

    /// <summary>Daemons whose ends the test holds.</summary>
    private sealed class Played : IDaemon
    {
        private readonly System.Threading.Channels.Channel<VhostSocket> _made = System.Threading.Channels.Channel.CreateUnbounded<VhostSocket>();

        /// <summary>No other one comes.</summary>
        public volatile bool IsGone;

        public int Ended { get; private set; }

        public bool HasEnded => false;

        public Socket Listen()
        {
            var (ours, relays) = Pair();
            _made.Writer.TryWrite(new VhostSocket(ours));
            return relays;
        }

        public Task<VhostSocket> NextAsync() => _made.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        public Socket? TryConnect() => IsGone ? null : Listen();

        public void End() => Ended++;

        public void Dispose()
        {
        }
    }
}
