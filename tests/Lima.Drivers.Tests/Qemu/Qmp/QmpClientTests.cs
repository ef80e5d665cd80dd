using System.Text;
using System.Text.Json.Nodes;
using Lima.Domain.Vms;
using Lima.Drivers.Qemu;
using Lima.Drivers.Qemu.Qmp;
using Lima.Testing;

namespace Lima.Drivers.Tests.Qemu.Qmp;

public sealed class QmpClientTests : IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(200);
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeQmpServer _server;

    public QmpClientTests() => _server = new FakeQmpServer(_directory["qmp.sock"]);

    public void Dispose()
    {
        _server.Dispose();
        _directory.Dispose();
    }

    private Task<QmpClient> ConnectAsync(QmpOptions? options = null) =>
        QmpClient.ConnectAsync(_directory["qmp.sock"], options ?? new QmpOptions(), TimeProvider.System, CancellationToken.None);

    private async Task<QmpClient> GreetedAsync(QmpOptions? options = null)
    {
        var connecting = ConnectAsync(options);
        await _server.GreetAsync().WaitAsync(Generous);
        return await connecting.WaitAsync(Generous);
    }

    [Fact]
    public async Task Shakes_hands_and_knows_the_version()
    {
        await using var client = await GreetedAsync();

        Assert.Equal(new QemuVersion(7, 2, 22), client.Version);
    }

    [Fact]
    public async Task Matches_answers_to_commands_by_id_whatever_their_order()
    {
        await using var client = await GreetedAsync();
        var first = client.ExecuteAsync("first", new JsonObject { ["x"] = 1 }, null, CancellationToken.None);
        var firstId = await _server.HearAsync("first");
        var second = client.ExecuteAsync("second", null, null, CancellationToken.None);
        var secondId = await _server.HearAsync("second");

        await _server.SayAsync($$"""{"return": "two", "id": {{secondId}}}""");
        await _server.SayAsync("""{"return": "nobody asked", "id": 999999}""");
        await _server.SayAsync($$"""{"return": "one", "id": {{firstId}}}""");

        Assert.Equal("one", (await first.WaitAsync(Generous)).GetString());
        Assert.Equal("two", (await second.WaitAsync(Generous)).GetString());
    }

    [Fact]
    public async Task Tells_a_refusal_in_the_words_of_qemu()
    {
        await using var client = await GreetedAsync();
        var command = client.ExecuteAsync("cont", null, null, CancellationToken.None);
        var id = await _server.HearAsync("cont");
        await _server.SayAsync($$"""{"error": {"class": "GenericError", "desc": "Resetting the Virtual Machine is required"}, "id": {{id}}}""");

        var refused = await Assert.ThrowsAsync<DriverException>(() => command.WaitAsync(Generous));
        Assert.Equal(VmCauses.QmpRefused, refused.Cause.Code);
        Assert.Equal("QEMU refused: Resetting the Virtual Machine is required", refused.Message);
    }

    [Fact]
    public async Task Calls_silence_mute_and_survives_the_late_answer()
    {
        await using var client = await GreetedAsync();
        var mute = await Assert.ThrowsAsync<DriverException>(() => client.ExecuteAsync("slow", null, Brief, CancellationToken.None));
        Assert.Equal(VmCauses.QmpMute, mute.Cause.Code);

        var id = await _server.HearAsync("slow");
        await _server.SayAsync($$"""{"return": {}, "id": {{id}}}""");
        var next = client.ExecuteAsync("next", null, null, CancellationToken.None);
        await _server.AnswerAsync("next", "7");
        Assert.Equal(7, (await next.WaitAsync(Generous)).GetInt32());
    }

    [Fact]
    public async Task No_greeting_is_mute_and_nobody_there_is_closed()
    {
        var mute = await Assert.ThrowsAsync<DriverException>(() => ConnectAsync(new QmpOptions { GreetingLimit = Brief }));
        Assert.Equal(VmCauses.QmpMute, mute.Cause.Code);

        _server.Dispose();
        var closed = await Assert.ThrowsAsync<DriverException>(() => ConnectAsync());
        Assert.Equal("qmp-closed", closed.Cause.Code);
    }

    [Fact]
    public async Task A_hang_up_ends_events_and_pending_commands()
    {
        await using var client = await GreetedAsync();
        var command = client.ExecuteAsync("never", null, null, CancellationToken.None);
        await _server.HearAsync("never");
        await _server.SayAsync("""{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}""");
        _server.HangUp();

        var closed = await Assert.ThrowsAsync<DriverException>(() => command.WaitAsync(Generous));
        Assert.Equal("qmp-closed", closed.Cause.Code);
        await client.Closed.WaitAsync(Generous);
        var events = await AllAsync(client);
        var shutdown = Assert.Single(events);
        Assert.Equal(("SHUTDOWN", "guest-shutdown", true), (shutdown.Name, shutdown.Text("reason"), shutdown.Flag("guest")));
        await Assert.ThrowsAsync<DriverException>(() => client.ExecuteAsync("late", null, null, CancellationToken.None));
    }

    [Theory]
    [InlineData("{\"event\": \"FLOOD\", \"data\": \"")]
    [InlineData("this is no JSON at all\n")]
    [InlineData("[1, 2]\n")]
    [InlineData("{\"id\": \"text\", \"error\": 5}\n{\"event\": 1}\n\u0000\n")]
    public async Task What_is_no_qmp_ends_the_connection_instead_of_filling_memory(string start)
    {
        await using var client = await GreetedAsync(new QmpOptions { LineBytesMax = 4096 });

        var flood = Encoding.UTF8.GetBytes(start + new string('x', 10_000));
        try
        {
            for (var i = 0; i < 50 && !client.Closed.IsCompleted; i++) await _server.SayRawAsync(flood);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The client has hung up: what is wanted.
        }

        await client.Closed.WaitAsync(Generous);
        Assert.True(client.Closed.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Keeps_the_newest_events_for_a_reader_who_is_slow()
    {
        await using var client = await GreetedAsync(new QmpOptions { EventsMax = 3 });
        for (var i = 0; i < 10; i++) await _server.SayAsync($$"""{"event": "E{{i}}"}""");
        _server.HangUp();
        await client.Closed.WaitAsync(Generous);

        Assert.Equal(["E7", "E8", "E9"], (await AllAsync(client)).Select(e => e.Name));
    }

    [Fact]
    public async Task Reads_what_comes_in_pieces_and_several_at_once()
    {
        await using var client = await GreetedAsync();
        var bytes = Encoding.UTF8.GetBytes("{\"event\": \"ONE\", \"data\": {\"t\": \"é\"}}\r\n{\"event\": \"TWO\"}\r\n\r\n{\"event\": \"THREE\"}\n");
        foreach (var piece in bytes.Chunk(7)) await _server.SayRawAsync(piece);
        _server.HangUp();
        await client.Closed.WaitAsync(Generous);

        var events = await AllAsync(client);
        Assert.Equal(["ONE", "TWO", "THREE"], events.Select(e => e.Name));
        Assert.Equal("é", events[0].Text("t"));
    }

    private static async Task<List<QmpEvent>> AllAsync(QmpClient client)
    {
        var all = new List<QmpEvent>();
        await foreach (var each in client.Events.ReadAllAsync()) all.Add(each);
        return all;
    }
}
