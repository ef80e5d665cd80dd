using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.GuestAgent.Listeners;

namespace Lima.GuestAgent.Tests.Agent;

/// <summary>Sessions: how they begin, what they answer, and what ends them.</summary>
public sealed class SessionTests
{
    [Fact]
    public void A_session_begins_and_says_who_answers()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        Assert.Equal(AgentProtocol.Version, host.Welcomed.Version);
        Assert.NotEqual(default, host.Welcomed.BootId);
        Assert.NotEmpty(host.Welcomed.AgentVersion);
        host.Ping();
    }

    [Fact]
    public void It_can_begin_anew_at_any_moment_on_the_same_connection_or_another()
    {
        using var agent = new AgentUnderTest();
        using (var host = AgentClient.Begin(agent.Path))
        {
            for (var i = 0; i < 5; i++)
            {
                host.Ping();
                // Half a frame: the padding fills it up.
                host.SendRaw([0x4C, 0x4D, 10, 0]);
                host.Handshake();
            }
        }

        for (var i = 0; i < 20; i++)
        {
            using var host = AgentClient.Begin(agent.Path);
            host.Ping();
        }
    }

    public static TheoryData<string> Wrong => ["magic", "type", "guest's type", "flags", "sequence", "length", "payload", "stream", "second hello", "reused stream", "window"];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_not_the_protocol_ends_the_session_and_nothing_else(string what)
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        host.Ping();
        switch (what)
        {
            case "magic": host.SendRaw(new byte[AgentProtocol.HeaderBytes]); break;
            case "type": host.Send((AgentFrameType)99, 0); break;
            case "guest's type": host.Send(AgentFrameType.Leaving, 0); break;
            case "flags": Raw(host, AgentFrameType.Status, header => header[3] = 1); break;
            case "sequence": host.Sequence++; host.Send(AgentFrameType.Status, 0); break;
            case "length": Raw(host, AgentFrameType.Ping, header => header[15] = 0x7f); break;
            case "payload": host.Send(AgentFrameType.Ping, 0, 1, 2, 3); break;
            case "stream": host.Send(AgentFrameType.End, 8); break;
            case "second hello": host.Send(AgentFrameType.Hello, 0, new AgentHello(1, 1, 0)); break;
            case "reused stream":
                for (var i = 0; i < 2; i++) host.Send(AgentFrameType.Listen, 2, new AgentListen(agent["nothing/here"]));
                break;
            case "window": host.Send(AgentFrameType.Data, 2, 1); break;
        }

        // The agent hears nothing more of this session.
        Assert.False(Poll(() => agent.On(session => session.IsWelcome), false));
        host.Handshake();
        host.Ping();
    }

    [Fact]
    public void Bytes_of_any_kind_do_no_harm()
    {
        using var agent = new AgentUnderTest();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 30; round++)
        {
            using var host = round % 2 == 0 ? AgentClient.Begin(agent.Path) : AgentClient.Connect(agent.Path);
            for (var piece = 0; piece < 20; piece++)
            {
                var bytes = new byte[random.Next(1, 3000)];
                random.NextBytes(bytes);
                // Half of them begin like a frame of the right number, with any type, stream, length and payload.
                if (piece % 2 == 0)
                {
                    var frame = new byte[AgentProtocol.HeaderBytes + random.Next(0, 64)];
                    random.NextBytes(frame);
                    AgentFrame.WriteHeader(frame, (AgentFrameType)random.Next(0, 26), host.Sequence++, (uint)random.Next(0, 6), frame.Length - AgentProtocol.HeaderBytes);
                    bytes = frame;
                }

                host.SendRaw(bytes);
            }
        }

        using var last = AgentClient.Begin(agent.Path);
        last.Ping();
        Assert.True(true, $"seed {seed}");
    }

    [Fact]
    public async Task Many_questions_without_reading_the_answers_are_all_answered_in_the_end()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        const int count = 100_000;
        var asking = Task.Run(() =>
        {
            for (var i = 0; i < count; i++) host.Send(AgentFrameType.Ping, 0, new AgentNumber((ulong)i));
        });
        for (var i = 0; i < count; i++) Assert.Equal((ulong)i, host.Expect(AgentFrameType.Pong).As<AgentNumber>().Value);
        await asking.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(asking.IsCompletedSuccessfully);
    }

    [Fact]
    public void Listeners_are_told_to_who_asks_for_them_all_at_first_and_then_when_they_change()
    {
        using var agent = new AgentUnderTest();
        agent.On(session => Tell(session.TellListeners, new Listening(80, false, false, 0x7f000001)));
        using var host = AgentClient.Begin(agent.Path);
        host.Ping();
        host.Send(AgentFrameType.Watch, 0, new AgentWatch(true));
        var first = host.Expect(AgentFrameType.Listeners).As<AgentListeners>();
        Assert.Equal([new GuestListener(PortProtocol.Tcp, "127.0.0.1", 80)], first.All.AsEnumerable());
        agent.On(session => Tell(session.TellListeners, new Listening(53, true, true, 1), new Listening(80, false, false, 0)));
        var second = host.Expect(AgentFrameType.Listeners).As<AgentListeners>();
        Assert.Equal([new GuestListener(PortProtocol.Udp, "::1", 53), new GuestListener(PortProtocol.Tcp, "0.0.0.0", 80)], second.All.AsEnumerable());
        Assert.True(second.Number > first.Number);
        agent.On(session => Tell(session.TellServices, new Listening(32762, false, false, 0)));
        Assert.Equal([new GuestListener(PortProtocol.Tcp, "0.0.0.0", 32762)], host.Expect(AgentFrameType.Services).As<AgentListeners>().All.AsEnumerable());
        host.Handshake();
        agent.On(session => Tell(session.TellListeners, new Listening(81, false, false, 0)));
        host.Ping();
    }

    [Fact]
    public void A_flood_of_changes_is_told_as_few_lists_of_which_the_last_is_right()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        host.Send(AgentFrameType.Watch, 0, new AgentWatch(true));
        host.Ping();
        for (ushort port = 1; port <= 2000; port++)
        {
            var changed = port;
            agent.On(session => Tell(session.TellListeners, new Listening(changed, false, false, 0)));
        }

        var lists = 0;
        while (host.Expect(AgentFrameType.Listeners).As<AgentListeners>() is var list && list.All[0].Port != 2000) lists++;
        Assert.InRange(lists, 0, 1999);
    }

    [Fact]
    public void The_clock_and_the_state_of_the_machine_are_told()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        host.Send(AgentFrameType.Time, 0, new AgentNumber(1_000_000_000));
        var timed = host.Expect(AgentFrameType.Timed).As<AgentTimed>();
        // The agent of a test must not set the clock of the machine.
        Assert.False(timed.Adjusted);
        Assert.True(timed.Offset > 1_000_000_000_000_000_000);
        host.Send(AgentFrameType.Status, 0);
        var status = host.Expect(AgentFrameType.StatusIs).As<AgentStatus>();
        Assert.True(status.MemoryTotal > status.MemoryAvailable && status.MemoryAvailable > 0 && status.Uptime > 0);
    }

    [Fact]
    public void The_end_of_the_guest_is_told()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        agent.On(session =>
        {
            session.Leave();
            return true;
        });
        Assert.Equal(AgentFrameType.Leaving, host.Next().Type);
    }

    private static bool Tell(Action<ListeningSet> tell, params Listening[] all)
    {
        tell(ListeningSet.Of([.. all]));
        return true;
    }

    private static void Raw(AgentClient host, AgentFrameType type, Action<byte[]> change)
    {
        var frame = new byte[AgentProtocol.HeaderBytes];
        AgentFrame.WriteHeader(frame, type, host.Sequence, 0, 0);
        change(frame);
        host.SendRaw(frame);
    }

    internal static T Poll<T>(Func<T> value, T wanted)
    {
        var deadline = Environment.TickCount64 + 60_000;
        T now;
        while (!Equals(now = value(), wanted) && Environment.TickCount64 < deadline) Thread.Sleep(10);
        return now;
    }
}
