using System.Net.Sockets;
using System.Text.Json;
using Lima.Domain.Networks;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Networks;
using Lima.Testing;

namespace Lima.Drivers.Tests.Networks;

/// <summary>A network between sockets that stand for cards: frames go where they belong, and nothing that a guest does harms another.</summary>
public sealed class VirtualNetworkTests : IAsyncLifetime, IGatewayNames
{
    private static readonly NetworkPlan Plan = NetworkPlan.Of("dev", "10.0.0.1", null, null, out _)!;
    private readonly TemporaryDirectory _home = new();
    private readonly List<FakeCard> _cards = [];
    private readonly List<string> _questions = [];
    private VirtualNetwork _network = null!;

    private NetworkFiles Files => new(new LimaHome(_home.Path), "dev");

    public Task InitializeAsync()
    {
        _network = Open();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _network.DisposeAsync();
        _cards.ForEach(card => card.Dispose());
        _home.Dispose();
    }

    async Task<byte[]?> IGatewayNames.AnswerAsync(string network, ReadOnlyMemory<byte> question, CancellationToken cancel)
    {
        await Task.Yield();
        lock (_questions) _questions.Add($"{network} {question.Length}");
        if (question.Length == 1) throw new InvalidOperationException("a resolver that fails");
        return [1, 2];
    }

    private VirtualNetwork Open() => VirtualNetwork.Open(new LimaHome(_home.Path), "dev", Plan, this, TimeProvider.System, e => Assert.Fail(e.ToString()));

    private FakeCard Card(byte number, string vm = "")
    {
        var card = new FakeCard(_home.Path, Files.Port(new Mac(0x525555000000ul + number)), number, vm);
        _cards.Add(card);
        return card;
    }

    private async Task<FakeCard> JoinedAsync(byte number)
    {
        var card = Card(number);
        await _network.JoinAsync(card.Member, isNew: true);
        return card;
    }

    [Fact]
    public async Task A_frame_goes_to_its_receiver_alone_and_one_for_everybody_to_all_others()
    {
        var (a, b, c) = (await JoinedAsync(1), await JoinedAsync(2), await JoinedAsync(3));
        a.Send(a.Frame(b.Card, 7));
        Assert.Equal(a.Frame(b.Card, 7), await b.ReceiveAsync());
        a.Send(a.Frame(Mac.Broadcast, 8));
        Assert.Equal(a.Frame(Mac.Broadcast, 8), await b.ReceiveAsync());
        // The one for b alone is not among what c got.
        Assert.Equal(a.Frame(Mac.Broadcast, 8), await c.ReceiveAsync());
        Assert.Empty(await a.ReceivedSoFarAsync(Plan));
        // To somebody that nobody knows, and what is as large as can be.
        a.Send(a.Frame(new Mac(0x020000000077), 9, Packet.SizeMax));
        Assert.Equal(Packet.SizeMax, (await b.ReceiveAsync()).Length);
        Assert.Equal(Packet.SizeMax, (await c.ReceiveAsync()).Length);
    }

    [Fact]
    public async Task What_is_no_frame_or_comes_under_anothers_name_is_dropped()
    {
        var (a, b, c) = (await JoinedAsync(1), await JoinedAsync(2), await JoinedAsync(3));
        a.Send([1, 2, 3]);
        var forged = a.Frame(b.Card);
        c.Card.Write(forged.AsSpan(Mac.Size));
        a.Send(forged);
        NetworkPlan.GatewayMac.Write(forged.AsSpan(Mac.Size));
        a.Send(forged);
        a.Send(a.Frame(b.Card, 5));
        Assert.Equal(a.Frame(b.Card, 5), await b.ReceiveAsync());
        Assert.Empty(await b.ReceivedSoFarAsync(Plan));
    }

    [Fact]
    public async Task Cards_have_the_same_addresses_for_ever_and_they_are_on_the_disk_as_Lima_has_them()
    {
        var (a, b) = (await JoinedAsync(1), await JoinedAsync(2));
        Assert.Equal(["vm1 10.0.0.3", "vm2 10.0.0.4"], _network.Members.Select(m => $"{m.Member.Name} {m.Address}"));
        await _network.LeaveAsync(a.Member.Vm);
        await _network.DisposeAsync();
        Assert.Equal(
            new Dictionary<string, string> { ["10.0.0.3"] = a.Card.ToString(), ["10.0.0.4"] = b.Card.ToString() },
            JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(Files.Leases)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Files.Leases));
        _network = Open();
        Assert.Equal("10.0.0.5", (await _network.JoinAsync(Card(3).Member, isNew: true)).ToString());
        Assert.Equal("10.0.0.3", (await _network.JoinAsync(a.Member, isNew: true)).ToString());
    }

    [Fact]
    public async Task A_damaged_file_of_addresses_keeps_nobody_out()
    {
        await _network.DisposeAsync();
        await File.WriteAllTextAsync(Files.Leases, "{ not JSON");
        _network = Open();
        Assert.Equal("10.0.0.3", (await _network.JoinAsync(Card(1).Member, isNew: true)).ToString());
    }

    [Fact]
    public async Task The_switch_may_die_and_come_back_and_so_may_a_machine()
    {
        var (a, b) = (await JoinedAsync(1), await JoinedAsync(2));
        a.Send(a.Frame(b.Card, 1));
        await b.ReceiveAsync();
        await _network.DisposeAsync();
        // Nobody is there: what QEMU sends is lost, and that is all.
        Assert.ThrowsAny<SocketException>(() => a.Send(a.Frame(b.Card, 2)));
        _network = Open();
        foreach (var card in new[] { a, b }) await _network.JoinAsync(card.Member, isNew: false);
        a.Send(a.Frame(b.Card, 3));
        Assert.Equal(a.Frame(b.Card, 3), await b.ReceiveAsync());

        b.Dispose();
        await _network.LeaveAsync(b.Member.Vm);
        Assert.False(File.Exists(Files.Port(b.Card)));
        var again = await JoinedAsync(2);
        a.Send(a.Frame(b.Card, 4));
        Assert.Equal(a.Frame(b.Card, 4), await again.ReceiveAsync());
        again.Send(again.Frame(a.Card, 5));
        Assert.Equal(again.Frame(a.Card, 5), await a.ReceiveAsync());
    }

    [Fact]
    public async Task A_card_may_be_attached_before_its_machine_is_there()
    {
        var a = await JoinedAsync(1);
        var early = Card(2);
        early.Dispose();
        await _network.JoinAsync(early.Member, isNew: true);
        a.Send(a.Frame(early.Card, 1));
        Assert.Empty(await a.ReceivedSoFarAsync(Plan));
        var late = Card(2);
        a.Send(a.Frame(late.Card, 2));
        Assert.Equal(a.Frame(late.Card, 2), await late.ReceiveAsync());
        late.Send(late.Frame(a.Card, 3));
        Assert.Equal(late.Frame(a.Card, 3), await a.ReceiveAsync());
    }

    [Fact]
    public async Task A_guest_that_takes_nothing_loses_what_is_for_it_and_harms_nobody()
    {
        var (a, b, c) = (await JoinedAsync(1), await JoinedAsync(2), await JoinedAsync(3));
        const int Sent = 4 * SwitchPort.WaitingMax;
        for (var at = 0; at < Sent; at++) a.Send(a.Frame(b.Card, (byte)at, 1514));
        a.Send(a.Frame(c.Card, 9));
        Assert.Equal(a.Frame(c.Card, 9), await c.ReceiveAsync());
        // What waits comes in its order; what was too much is lost.
        var received = new List<byte[]>();
        while (received.Count < SwitchPort.WaitingMax) received.Add(await b.ReceiveAsync());
        received.AddRange(await b.ReceivedSoFarAsync(Plan));
        Assert.InRange(received.Count, SwitchPort.WaitingMax, Sent - 1);
        Assert.Equal(Enumerable.Range(0, received.Count).Select(at => (byte)at), received.Select(frame => frame[14]));
    }

    [Fact]
    public async Task Storms_of_frames_for_everybody_are_cut_short()
    {
        var (a, b) = (await JoinedAsync(1), await JoinedAsync(2));
        var counting = Task.Run(async () =>
        {
            var count = 0;
            while ((await b.ReceiveAsync())[14] != 2) count++;
            return count;
        });
        for (var at = 0; at < 20 * FloodBudget.Burst; at++) a.Send(a.Frame(Mac.Broadcast));
        a.Send(a.Frame(b.Card, 2));
        Assert.InRange(await counting, 1, 19 * FloodBudget.Burst);
    }

    [Fact]
    public async Task Questions_for_names_are_answered_and_a_failure_keeps_nobody_from_asking()
    {
        var a = await JoinedAsync(1);
        byte[] Question(params byte[] message)
        {
            var frame = Packet.WriteUdp(NetworkPlan.GatewayMac, Plan.First, 4000, Plan.Gateway, 53, message);
            a.Card.Write(frame.AsSpan(Mac.Size));
            return frame;
        }

        for (var at = 0; at < 2 * EthernetSwitch.QuestionsMax; at++)
        {
            a.Send(Question(9));
            a.Send(Question(1, 2, 3));
            Assert.True(Packet.TryReadIp(await a.ReceiveAsync(), out _, out var content));
            Assert.True(Packet.TryReadUdp(content, out var from, out var to, out var data));
            Assert.Equal((53, 4000, "1,2"), (from, to, string.Join(',', data.ToArray())));
        }

        lock (_questions) Assert.Contains("dev 3", _questions);
    }

    [Fact]
    public async Task Two_machines_cannot_have_the_same_card()
    {
        var a = await JoinedAsync(1);
        var thief = a.Member with { Vm = new VmId("00000000-0000-0000-0000-000000000099"), Name = "other" };
        var refused = await Assert.ThrowsAsync<DriverException>(() => _network.JoinAsync(thief, isNew: true));
        Assert.Contains("instance `vm1` has a card with the address 52:55:55:00:00:01 on network `dev` already", refused.Message, StringComparison.Ordinal);
        Assert.Equal("vm1", Assert.Single(_network.Members).Member.Name);
    }

    [Fact]
    public async Task A_network_that_is_full_says_so()
    {
        await _network.DisposeAsync();
        var plan = NetworkPlan.Of("dev", "10.0.0.1", "255.255.255.248", null, out _)!;
        _network = VirtualNetwork.Open(new LimaHome(_home.Path), "dev", plan, this, TimeProvider.System, _ => { });
        for (byte number = 1; number <= 4; number++) await JoinedAsync(number);
        var full = await Assert.ThrowsAsync<DriverException>(() => JoinedAsync(5));
        Assert.Contains("all addresses of network `dev` (10.0.0.3 to 10.0.0.6) are taken", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sockets_are_private_and_their_paths_say_whose_they_are()
    {
        var a = await JoinedAsync(1);
        var path = Files.Port(a.Card);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Files.Directory));
        Assert.Equal(("dev", a.Card), NetworkFiles.Read(path));
        Assert.Null(NetworkFiles.Read("/tmp/other/525555000001.sock"));
        Assert.Null(NetworkFiles.Read("/tmp/_networks/dev/x.sock"));
        var longName = new NetworkFiles(new LimaHome("/" + new string('h', 90)), "dev");
        Assert.Contains("too long for a socket", Assert.Throws<DriverException>(() => longName.CheckedPort(a.Card)).Message, StringComparison.Ordinal);
    }
}
