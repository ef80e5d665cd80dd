using System.Security.Cryptography;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.Agent;

namespace Lima.Drivers.Tests.Agent;

/// <summary>How a session comes to be and ends, and what a guest can do to it.</summary>
public sealed class AgentLinkTests
{
    [Fact]
    public async Task The_guest_is_told_the_time_and_to_watch_and_tells_what_listens()
    {
        await using var world = new AgentWorld(peer => peer.Offset = -7_200_000_000_000);
        await world.UpAsync();
        await AgentWorld.EventuallyAsync(() => world.Peer!.Came.Contains(AgentFrameType.Watch));
        await AgentWorld.EventuallyAsync(() => !world.Log.IsEmpty);
        Assert.Equal("the guest's clock was 120 minutes behind, and is set", Assert.Single(world.Log));
        var web = new GuestListener(PortProtocol.Tcp, "0.0.0.0", 80);
        world.Peer!.Send(AgentFrameType.Listeners, 0, AgentListeners.Of(1, [web]));
        await AgentWorld.EventuallyAsync(() => world.Listeners.SequenceEqual([web]));
        var service = new GuestListener(PortProtocol.Tcp, "0.0.0.0", 30000);
        world.Peer.Send(AgentFrameType.Services, 0, AgentListeners.Of(1, [service, web]));
        await AgentWorld.EventuallyAsync(() => world.Listeners.SequenceEqual([web, service]));
        Assert.Equal(1.5, (await world.Link.StatusAsync(CancellationToken.None))!.Value.Load / 100.0);
    }

    [Fact]
    public async Task An_agent_that_comes_late_is_met_at_once_and_one_that_goes_is_noticed()
    {
        await using var world = new AgentWorld(peer => peer.Answers = false);
        await AgentWorld.EventuallyAsync(() => world.Peer!.Came.Contains(AgentFrameType.Hello));
        Assert.Null(world.Link.Session);
        world.Peer!.Answers = true;
        world.Peer.Cut();
        await world.UpAsync();
        var first = world.Link.Session;
        world.Peer.Send(AgentFrameType.Leaving, 0);
        Assert.Equal("the guest shuts down", await first!.Ended.WaitAsync(AgentWorld.Limit));
        await AgentWorld.EventuallyAsync(() => world.Link.Session is { } next && next != first);
        // One that has been restarted says nothing but the sync word.
        var second = world.Link.Session!;
        world.Peer.SendBytes(AgentProtocol.SyncWord);
        Assert.Contains("begun anew", await second.Ended.WaitAsync(AgentWorld.Limit), StringComparison.Ordinal);
        await AgentWorld.EventuallyAsync(() => world.Link.Session is { } next && next != second);
    }

    [Fact]
    public async Task What_an_earlier_session_has_left_in_the_pipe_is_skipped()
    {
        await using var world = new AgentWorld(peer => peer.Answers = false);
        await AgentWorld.EventuallyAsync(() => world.Peer!.Came.Contains(AgentFrameType.Hello));
        // An answer to another host, frames after it, and half a frame.
        world.Peer!.SendBytes(AgentProtocol.SyncWord);
        world.Peer.Send(AgentFrameType.Welcome, 0, new AgentWelcome(1, 99, 1, "old", 0));
        world.Peer.Send(AgentFrameType.Pong, 0, new AgentNumber(1));
        var half = new byte[AgentProtocol.HeaderBytes];
        AgentFrame.WriteHeader(half, AgentFrameType.Data, 0, 2, 100);
        world.Peer.SendBytes(half);
        Assert.Null(world.Link.Session);
        world.Peer.Answers = true;
        world.Peer.Cut();
        await world.UpAsync();
        Assert.Empty(world.Log);
    }

    [Fact]
    public async Task Without_a_port_there_is_no_agent()
    {
        await using var world = new AgentWorld(withoutPeer: true);
        Assert.False(world.Path.IsUp);
        var down = await Assert.ThrowsAsync<DriverException>(() => world.Path.CarryAsync(null!, new ForwardEnd("127.0.0.1", 80), CancellationToken.None));
        Assert.Equal("forward-down", down.Cause.Code);
        Assert.Null(await world.Link.StatusAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_version_that_is_not_known_is_said_once_and_not_used()
    {
        await using var world = new AgentWorld(peer => peer.Version = 0);
        await AgentWorld.EventuallyAsync(() => !world.Log.IsEmpty);
        Assert.Contains("version 0", Assert.Single(world.Log), StringComparison.Ordinal);
        Assert.Null(world.Link.Session);
    }

    [Fact]
    public async Task Asked_when_it_has_been_silent_a_mute_agent_is_let_go_of()
    {
        await using var world = new AgentWorld(peer => peer.IsAlive = false);
        await world.UpAsync();
        var session = world.Link.Session!;
        // Something was heard lately: nobody asks.
        await world.Link.CheckAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.DoesNotContain(AgentFrameType.Ping, world.Peer!.Came);
        await AgentLink.CheckAsync(session, TimeSpan.FromMilliseconds(50), CancellationToken.None);
        Assert.Contains("does not answer", await session.Ended.WaitAsync(AgentWorld.Limit), StringComparison.Ordinal);
        world.Peer.IsAlive = true;
        await AgentWorld.EventuallyAsync(() => world.Link.Session is { } next && next != session);
        await AgentLink.CheckAsync(world.Link.Session!, AgentWorld.Limit, CancellationToken.None);
        Assert.NotNull(world.Link.Session);
    }

    public static TheoryData<string, string> Breaches => new()
    {
        { "stream 2 was never opened", "BadStream" },
        { "an answer to nothing", "BadPayload" },
        { "a list that is none", "BadPayload" },
        { "a list older than the last", "BadPayload" },
        { "a second welcome", "BadType" },
        { "a wrong sequence", "BadSequence" },
        { "a giant length", "TooLong" },
        { "accepted by no listener", "BadStream" },
        { "a flood of lists", "TooMuch" },
        { "a flood of pings", "TooMuch" },
    };

    [Theory]
    [MemberData(nameof(Breaches))]
    public async Task What_cannot_be_ends_the_session_and_is_told_once(string breach, string error)
    {
        await using var world = new AgentWorld();
        await world.UpAsync();
        var session = world.Link.Session!;
        Break(world.Peer!, breach);
        Assert.Contains(error, await session.Ended.WaitAsync(AgentWorld.Limit), StringComparison.Ordinal);
        await AgentWorld.EventuallyAsync(() => world.Link.Session is { } next && next != session);
        Assert.Contains(error, Assert.Single(world.Log), StringComparison.Ordinal);
        // Again, and again there is no word of it within the minute.
        session = world.Link.Session!;
        Break(world.Peer!, breach);
        await session.Ended.WaitAsync(AgentWorld.Limit);
        Assert.Single(world.Log);
        await AgentWorld.EventuallyAsync(() => world.Link.Session is not null);
    }

    [Fact]
    public async Task More_bytes_than_were_granted_end_the_session()
    {
        await using var world = new AgentWorld();
        await world.UpAsync();
        using var port = new ServedPort(ServedPort.EchoAsync);
        using var client = await AgentWorld.ConnectAsync(world.Forward(port.End));
        await client.SendAsync(new byte[] { 1 });
        Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(AgentWorld.Limit));
        var session = world.Link.Session!;
        var bytes = new byte[AgentProtocol.PayloadMax];
        // The client takes what the kernel holds for it; at some point nothing more fits, and the guest goes on all the same.
        while (!session.Ended.IsCompleted)
        {
            world.Peer!.Send(AgentFrameType.Data, 2, bytes);
            await world.Peer.SentAsync();
        }

        Assert.Contains("BeyondWindow", await session.Ended, StringComparison.Ordinal);
        await AgentWorld.EventuallyAsync(() => world.Memory.Granted == 0);
    }

    /// <summary>The fuzz harness: a peer that says anything at all, for a while, against the real link with clients on it.</summary>
    [Fact]
    public async Task A_guest_that_says_anything_at_all_harms_only_itself()
    {
        var seconds = double.TryParse(Environment.GetEnvironmentVariable("LIMA_FUZZ_SECONDS"), out var asked) ? asked : 4;
        using var port = new ServedPort(ServedPort.EchoAsync);
        await using var world = new AgentWorld();
        await using var other = new AgentWorld();
        await Task.WhenAll(world.UpAsync(), other.UpAsync());
        var (forward, forwardOfOther) = (world.Forward(port.End), other.Forward(port.End));
        var random = new Random(Environment.TickCount);
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(seconds);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        while (DateTime.UtcNow < until)
        {
            using var client = await AgentWorld.ConnectAsync(forward);
            await client.SendAsync(RandomNumberGenerator.GetBytes(random.Next(1, 1000)));
            for (var i = 0; i < 50; i++) AgentNoise.Say(world.Peer!, random);
            await world.Peer!.SentAsync();
            client.Close(0);
            if (world.Link.Session is null) await Task.Delay(5);
        }

        Assert.Equal([5], await AgentWorld.ExchangeAsync(await AgentWorld.ConnectAsync(forwardOfOther), [5]));
        await AgentWorld.EventuallyAsync(() => world.Link.Session is not null);
        Assert.Equal([6], await AgentWorld.ExchangeAsync(await AgentWorld.ConnectAsync(forward), [6]));
        await AgentWorld.EventuallyAsync(() => world.Memory.Granted == 0);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 << 20);
        Assert.InRange(world.Log.Count, 0, 64);
    }

    private static void Break(GuestPeer peer, string how)
    {
        switch (how)
        {
            case "stream 2 was never opened":
                peer.Send(AgentFrameType.Data, 20000, [1]);
                break;
            case "an answer to nothing":
                peer.Send(AgentFrameType.Pong, 0, new AgentNumber(1));
                break;
            case "a list that is none":
                peer.Send(AgentFrameType.Listeners, 0, [1, 0, 0, 0, 0, 255, 255]);
                break;
            case "a list older than the last":
                peer.Send(AgentFrameType.Listeners, 0, AgentListeners.Of(5, []));
                peer.Send(AgentFrameType.Listeners, 0, AgentListeners.Of(4, []));
                break;
            case "a second welcome":
                peer.Send(AgentFrameType.Welcome, 0, new AgentWelcome(1, 1, 1, "", 0));
                break;
            case "a wrong sequence":
                peer.Skip();
                peer.Send(AgentFrameType.Leaving, 0);
                break;
            case "a giant length":
                peer.SendHeader(AgentFrameType.Data, 2, uint.MaxValue);
                break;
            case "accepted by no listener":
                peer.Send(AgentFrameType.Accepted, 1, new AgentAccepted(20000, 10));
                break;
            case "a flood of lists":
                for (var number = 1u; number < 1000; number++) peer.Send(AgentFrameType.Listeners, 0, AgentListeners.Of(number, []));
                break;
            default:
                for (var number = 1u; number < 1000; number++) peer.Send(AgentFrameType.Ping, 0, new AgentNumber(number));
                break;
        }
    }
}
