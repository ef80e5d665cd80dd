using System.Net.Sockets;
using Lima.Domain.Agent;
using Lima.GuestAgent.Tests.Agent;

namespace Lima.GuestAgent.Tests.Tunnels;

/// <summary>Socket files in the guest that lead to the host.</summary>
public sealed class ReverseListenerTests
{
    [Fact]
    public void Who_connects_there_reaches_the_host()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        var path = agent["reverse"];
        Assert.Equal(AgentFrameType.Listening, Listen(host, path, out var listener).Type);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using var client = Connect(path);
        var accepted = host.Expect(AgentFrameType.Accepted);
        Assert.Equal(1u, accepted.Stream);
        Assert.Equal(listener, accepted.As<AgentAccepted>().Listener);
        client.Send([1, 2]);
        host.Send(AgentFrameType.Opened, 1, new AgentWindow(1000));
        Assert.Equal([1, 2], host.Expect(AgentFrameType.Data).Payload);
        host.Send(AgentFrameType.Data, 1, 3);
        Assert.Equal([3], TunnelTests.Receive(client, 1));
        using var second = Connect(path);
        Assert.Equal(3u, host.Expect(AgentFrameType.Accepted).Stream);
        host.Send(AgentFrameType.Reset, 3);
        Assert.Equal(0, second.Receive(new byte[1]));
        host.Send(AgentFrameType.Reset, listener);
        Assert.False(SessionTests.Poll(() => File.Exists(path), false));
        // What it has accepted goes on without it.
        client.Send([9]);
        Assert.Equal([9], host.Expect(AgentFrameType.Data).Payload);
    }

    [Fact]
    public void A_dead_socket_is_replaced_and_nothing_else()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)) Bind(dead, agent["dead"]);
        // .NET removes the file of its own socket when that is closed, so one that is left behind is made by hard link.
        if (!File.Exists(agent["dead"]))
        {
            using var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            Bind(dead, agent["other"]);
            File.Move(agent["other"], agent["dead"]);
        }

        Assert.Equal(AgentFrameType.Listening, Listen(host, agent["dead"], out _).Type);
        Connect(agent["dead"]).Dispose();
        host.Expect(AgentFrameType.Accepted);

        using var alive = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Bind(alive, agent["alive"]);
        Assert.Equal(98u, Refusal(agent["alive"]).Errno);
        File.WriteAllText(agent["file"], "mine");
        Assert.Equal(17u, Refusal(agent["file"]).Errno);
        Assert.Equal("mine", File.ReadAllText(agent["file"]));
        File.CreateSymbolicLink(agent["link"], agent["file"]);
        Assert.Equal(17u, Refusal(agent["link"]).Errno);
        Assert.Equal(2u, Refusal(agent["no/folder"]).Errno);
        host.Ping();

        AgentRefusal Refusal(string path)
        {
            Frame frame;
            var stream = host.NewStream();
            host.Send(AgentFrameType.Listen, stream, new AgentListen(path));
            while ((frame = host.Next()).Type != AgentFrameType.Refused) Assert.NotEqual(stream, frame.Stream);
            return frame.As<AgentRefusal>();
        }
    }

    [Fact]
    public void The_files_go_with_the_session()
    {
        using var agent = new AgentUnderTest();
        using (var host = AgentClient.Begin(agent.Path)) Listen(host, agent["reverse"], out _);
        Assert.False(SessionTests.Poll(() => File.Exists(agent["reverse"]), false));
    }

    private static Frame Listen(AgentClient host, string path, out uint stream)
    {
        stream = host.NewStream();
        host.Send(AgentFrameType.Listen, stream, new AgentListen(path));
        return host.Expect(AgentFrameType.Listening, AgentFrameType.Refused);
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static void Bind(Socket socket, string path)
    {
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(1);
    }
}
