using System.Net;
using System.Net.Sockets;
using Lima.Drivers.Names;
using Lima.Testing;

namespace Lima.Drivers.Tests.Names;

public sealed class UpstreamServersTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string File => Path.Combine(_directory.Path, "resolv.conf");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_servers_of_the_file_are_asked_and_a_change_of_it_counts_at_once()
    {
        using var one = Server("127.0.0.1", 0, 1);
        using var other = Server("127.0.0.2", one.Port, 2);
        var servers = Upstream(one.Port, "nameserver 127.0.0.1\n");
        var question = DnsQuestion.Of("Text.example.org", 16, id: 0x1234);
        Assert.Equal("1 0; Text.example.org. 60 16 01", await AskAsync(servers, question));
        // Of the same length, and perhaps within the same tick of the clock.
        await System.IO.File.WriteAllTextAsync(File, "nameserver 127.0.0.2\n");
        Assert.Equal("1 0; Text.example.org. 60 16 02", await AskAsync(servers, question));
        Assert.Single(one.Asked);
    }

    [Fact]
    public async Task A_reply_that_was_cut_is_had_over_tcp()
    {
        using var server = new LoopbackNameServer((question, isUdp) =>
        {
            var reply = DnsQuestion.Reply(question, isUdp ? [] : [DnsQuestion.Record(16, new byte[255]), DnsQuestion.Record(16, new byte[255])]);
            if (isUdp) reply[2] |= 2;
            return reply;
        });
        var reply = await Upstream(server.Port, "nameserver 127.0.0.1\n").AskAsync(DnsQuestion.Of("text", 16), 12 + 10, CancellationToken.None);
        Assert.InRange(reply!.Length, 512, 1000);
        Assert.Equal([true, false], server.Asked.Select(asked => asked.IsUdp));
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_does_not_know_is_followed_by_the_next()
    {
        using var unwilling = new LoopbackNameServer((question, _) =>
        {
            var reply = DnsQuestion.Reply(question);
            reply[3] |= 2;
            return reply;
        });
        using var willing = Server("127.0.0.2", unwilling.Port, 2);
        var servers = Upstream(unwilling.Port, "nameserver 127.0.0.3\nnameserver 127.0.0.1\nnameserver 127.0.0.2\n");
        Assert.Equal("1 0; x. 60 16 02", await AskAsync(servers, DnsQuestion.Of("x", 16)));
        Assert.Single(unwilling.Asked);
        await System.IO.File.WriteAllTextAsync(File, "nameserver 127.0.0.1\n");
        Assert.Equal("1 2", await AskAsync(servers, DnsQuestion.Of("x", 16)));
        await System.IO.File.WriteAllTextAsync(File, "nameserver 127.0.0.3\n");
        Assert.Null(await servers.AskAsync(DnsQuestion.Of("x", 16), 12 + 7, CancellationToken.None));
    }

    [Fact]
    public async Task A_reply_to_another_question_is_not_taken()
    {
        using var server = new LoopbackNameServer((question, _) =>
        {
            var reply = DnsQuestion.Reply(question, DnsQuestion.Record(16, 66));
            reply[0] ^= 1;
            return reply;
        });
        Assert.Null(await Upstream(server.Port, "nameserver 127.0.0.1\n").AskAsync(DnsQuestion.Of("x", 16), 12 + 7, CancellationToken.None));
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task The_systems_resolver_knows_this_machine_and_no_names_that_do_not_exist()
    {
        using var names = new HostNames();
        Assert.Equal([IPAddress.Loopback], await names.AddressesAsync("localhost", AddressFamily.InterNetwork, CancellationToken.None));
        Assert.True(await names.AddressesAsync("nobody.invalid", AddressFamily.InterNetwork, CancellationToken.None) is null or { Count: 0 });
        Assert.Empty((await names.AddressesAsync(new string('a', 300), AddressFamily.InterNetwork, CancellationToken.None))!);
    }

    private static LoopbackNameServer Server(string address, int port, byte text) =>
        new((question, _) => DnsQuestion.Reply(question, DnsQuestion.Record(16, text)), address, port);

    private UpstreamServers Upstream(int port, string text)
    {
        System.IO.File.WriteAllText(File, text);
        return new UpstreamServers(File, TimeProvider.System, port);
    }

    private static async Task<string> AskAsync(UpstreamServers servers, byte[] question)
    {
        var reply = await servers.AskAsync(question, question.Length, CancellationToken.None);
        Assert.Equal(question[..2], reply![..2]);
        return DnsQuestion.Show(reply);
    }
}
