using System.Net.Sockets;
using System.Text;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>Connections into a guest by its agent: through QEMU's port, with no process and no network between.</summary>
internal sealed class AgentPath(AgentLink link, TimeProvider time) : IGuestPath
{
    private static readonly TimeSpan DoubtLimit = TimeSpan.FromSeconds(3), AnswerLimit = TimeSpan.FromSeconds(5), OpenLimit = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public string Name => "agent";

    /// <inheritdoc/>
    public bool IsUp => link.Session is not null;

    /// <inheritdoc/>
    public bool Carries(ForwardEnd guest) => !guest.IsSocket || CanName(guest.Socket);

    /// <summary>Whether the agent can be told of that socket file.</summary>
    public static bool CanName(string path) =>
        path.StartsWith('/') && !path.Any(char.IsControl) && Encoding.UTF8.GetByteCount(path) <= ForwardEnd.SocketBytesMax;

    /// <inheritdoc/>
    public async Task CarryAsync(Socket client, ForwardEnd guest, CancellationToken cancel)
    {
        var session = link.Session ?? throw Down("there is no agent now");
        var stream = session.AddStream(client) ?? throw Down("there are too many connections to it");
        session.Post(AgentFrameType.Open, stream.Id, Request(guest, stream.Window));
        await using var stop = cancel.Register(stream.Abort);
        try
        {
            await OpenedAsync(session, stream, cancel);
        }
        catch (Exception e)
        {
            stream.Abort();
            if (e is not TimeoutException) throw;
            throw Down($"{guest} does not answer");
        }

        await stream.Done;
    }

    /// <summary>A program may be slow to accept; an agent that is slow to answer is asked whether it is there.</summary>
    private async Task OpenedAsync(AgentSession session, AgentStream stream, CancellationToken cancel)
    {
        try
        {
            await stream.Opened.WaitAsync(DoubtLimit, time, cancel);
        }
        catch (TimeoutException)
        {
            _ = AgentLink.CheckAsync(session, AnswerLimit, cancel);
            await stream.Opened.WaitAsync(OpenLimit - DoubtLimit, time, cancel);
        }
    }

    private static AgentOpen Request(ForwardEnd guest, uint window) => guest.IsSocket
        ? new AgentOpen(AgentOpenKind.Unix, guest, window)
        : new AgentOpen(AgentOpenKind.Tcp, guest with { Ip = IpText.ToReach(guest.Ip) }, window);

    private static DriverException Down(string why) => new(IGuestPath.Down, "reaching the guest by its agent", why, "it is tried again by itself");
}
