using System.Net.Sockets;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>Has the agent listen on sockets of the guest that lead to sockets of the host.</summary>
internal sealed class AgentReverse(AgentLink link, TimeProvider time) : IForwardOpener
{
    private const string Step = "forwarding a socket";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public bool Opens(Forward forward) =>
        forward.Reverse && link.Session is not null && AgentPath.CanName(forward.Guest.Socket);

    /// <inheritdoc/>
    public async Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
    {
        var session = link.Session ?? throw Down();
        var listener = session.Add(id => new Listener(session, id, forward.Host.Socket)) ?? throw Down();
        session.Post(AgentFrameType.Listen, listener.Id, new AgentListen(forward.Guest.Socket));
        try
        {
            await listener.Listening.WaitAsync(Limit, time, cancel);
            return listener;
        }
        catch (Exception e)
        {
            await listener.DisposeAsync();
            if (e is TimeoutException) throw Down();
            if (e is not DriverException { Cause.Code: "forward-refused" } refused) throw;
            throw new DriverException(
                "forward-failed", Step, $"{forward.Guest.Socket} of the guest cannot be listened on: {refused.Message}",
                "its directory must be there, and writable for the user of the guest");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static DriverException Down() => new(IGuestPath.Down, Step, "the guest's agent does not answer", "it is tried again by itself");

    /// <summary>One socket of the guest that is listened on.</summary>
    internal sealed class Listener(AgentSession session, uint id, string hostSocket) : IAgentStream, IOpenForward
    {
        private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _isOver;

        public uint Id => id;

        public Task Listening => _listening.Task;

        public string Path => "agent";

        public string Warning => "";

        // What listens in the guest is the other program's.
        public bool Redirect(ForwardEnd guest) => false;

        public AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload)
        {
            switch (type)
            {
                case AgentFrameType.Listening:
                    _listening.TrySetResult();
                    return AgentError.None;
                case AgentFrameType.Refused when AgentRefusal.TryRead(payload, out var refusal):
                    Over(refusal.Text);
                    return AgentError.None;
                case AgentFrameType.Reset:
                    Over("the guest has ended it");
                    return AgentError.None;
                default:
                    return AgentError.BadStream;
            }
        }

        public void Lost()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0) _listening.TrySetException(Down());
        }

        /// <summary>Leads who has connected in the guest to the host's socket, and answers the guest.</summary>
        /// <param name="stream">The connection, which is the session's already.</param>
        /// <param name="host">Its client, not connected yet.</param>
        /// <param name="maySend">What the guest has room for.</param>
        public async Task ConnectAsync(AgentStream stream, Socket host, uint maySend)
        {
            try
            {
                await host.ConnectAsync(new UnixDomainSocketEndPoint(hostSocket), CancellationToken.None);
                stream.Open(maySend, answer: true);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or ArgumentException)
            {
                stream.Abort();
            }

            if (!stream.IsOpen) host.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 1) return ValueTask.CompletedTask;
            session.Forget(id);
            session.Post(AgentFrameType.Reset, id);
            return ValueTask.CompletedTask;
        }

        private void Over(string why)
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 1) return;
            session.Forget(id);
            _listening.TrySetException(new DriverException("forward-refused", Step, why));
        }
    }
}
