using Lima.Domain.Agent;
using Lima.GuestAgent.Listeners;
using Lima.GuestAgent.Native;
using Lima.GuestAgent.Tunnels;

namespace Lima.GuestAgent.Agent;

/// <summary>
/// The guest's side of the protocol on one port: waits for the host to begin a session, answers it, and forgets everything when the next one
/// begins or the host goes. What comes is not trusted to be the protocol: anything else ends the session and nothing more.
/// </summary>
internal sealed class AgentSession
{
    private const int ReadsPerTurn = 16;

    private readonly EventLoop _loop;
    private readonly AgentPort _port;
    private readonly Outbox _outbox;
    private readonly TunnelTable _tunnels;
    private readonly ListenerNews _listeners, _services;
    private readonly MachineState _machine;
    private readonly AgentParser _parser = new(AgentSide.Host);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private bool _isReading, _isReadAsked, _isWelcome, _awaitsHello;

    public AgentSession(EventLoop loop, AgentPort port, MachineState machine, GuestUser user)
    {
        (_loop, _port, _machine) = (loop, port, machine);
        _outbox = new Outbox(loop, port) { Failed = Lost, Progressed = ReadAgain };
        _tunnels = new TunnelTable(loop, _outbox, user);
        _listeners = new ListenerNews(loop, _outbox, AgentFrameType.Listeners);
        _services = new ListenerNews(loop, _outbox, AgentFrameType.Services);
        // In place of a frame it ends such a session at once.
        port.Opened = () => _outbox.Begin(AgentProtocol.SyncWord.ToArray());
        port.Changed = () =>
        {
            Read();
            _outbox.PumpSoon();
        };
    }

    /// <summary>Whether the host has a session with this agent.</summary>
    public bool IsWelcome => _isWelcome;

    /// <summary>Told when the host has begun a session and when it has ended.</summary>
    public Action<bool> HostChanged { get; set; } = _ => { };

    /// <summary>Whether nothing is left to be written.</summary>
    public bool IsWritten => !_isWelcome || _outbox.IsEmpty;

    /// <summary>What listens now.</summary>
    public void TellListeners(ListeningSet all) => _listeners.Tell(all);

    /// <summary>What is published by other means than listeners.</summary>
    public void TellServices(ListeningSet all) => _services.Tell(all);

    /// <summary>Tells the host that the guest shuts down.</summary>
    public void Leave()
    {
        if (!_isWelcome) return;
        _outbox.Send(AgentFrameType.Leaving, 0);
        _outbox.PumpSoon();
    }

    /// <summary>Gives back what the session holds.</summary>
    public void End()
    {
        if (_isWelcome)
        {
            Log.Say("the session with the host has ended");
            HostChanged(false);
        }

        _isWelcome = false;
        _tunnels.Clear();
        _listeners.Watch(false);
        _services.Watch(false);
        _outbox.Clear();
    }

    private void Read()
    {
        _isReading = true;
        for (var reads = 0; reads < ReadsPerTurn && !_outbox.IsFull; reads++)
        {
            var count = _port.Read(_buffer);
            if (count == -Errno.TryAgain)
            {
                _isReading = false;
                return;
            }

            if (count < 0) Lost();
            if (count == 0) Gone();
            if (count <= 0)
            {
                _isReading = false;
                return;
            }

            Take(_buffer.AsSpan(0, count));
        }

        ReadAgain();
    }

    // Goes on when others have had their turn, and where so many answers waited that no further questions were taken.
    private void ReadAgain()
    {
        if (!_isReading || _isReadAsked || _outbox.IsFull) return;
        _isReadAsked = true;
        _loop.Soon(() =>
        {
            _isReadAsked = false;
            _port.Changed();
        });
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            switch (_parser.Next(ref bytes, out var frame))
            {
                case AgentStep.NeedsMore: return;
                case AgentStep.Synced:
                    End();
                    _awaitsHello = true;
                    break;
                case AgentStep.Failed:
                    // It searches for the next sync word by itself, and may have begun to find it.
                    Refuse(_parser.Error, isDesynced: true);
                    break;
                case AgentStep.Frame:
                    if (Take(frame) is var error and not AgentError.None) Refuse(error, isDesynced: false);
                    break;
            }
        }
    }

    private AgentError Take(in AgentFrame frame)
    {
        if (_awaitsHello != (frame.Type == AgentFrameType.Hello)) return AgentError.BadType;
        if (_awaitsHello) return AgentHello.TryRead(frame.Payload, out var hello) ? Welcome(hello) : AgentError.BadPayload;
        return frame.Stream != 0 ? _tunnels.Take(frame) : TakeQuestion(frame);
    }

    private AgentError Welcome(AgentHello hello)
    {
        _awaitsHello = false;
        var room = new byte[AgentProtocol.SyncWord.Length + AgentProtocol.HeaderBytes + AgentWelcome.BytesMax];
        AgentProtocol.SyncWord.CopyTo(room);
        var welcome = new AgentWelcome(AgentProtocol.Version, hello.Nonce, _machine.BootId, _machine.Version, 0);
        var length = AgentFrame.Write(room.AsSpan(AgentProtocol.SyncWord.Length), AgentFrameType.Welcome, 0, 0, welcome);
        _outbox.Begin(room[..(AgentProtocol.SyncWord.Length + length)]);
        _isWelcome = true;
        HostChanged(true);
        var common = AgentProtocol.Common(hello.Version);
        Log.Say(common is null ? $"the host speaks version {hello.Version} of the protocol, which this agent does not" : "the host has begun a session");
        return AgentError.None;
    }

    private AgentError TakeQuestion(in AgentFrame frame)
    {
        switch (frame.Type)
        {
            case AgentFrameType.Ping when AgentNumber.TryRead(frame.Payload, out var ping):
                _outbox.Send(AgentFrameType.Pong, 0, ping);
                return AgentError.None;
            case AgentFrameType.Pong when AgentNumber.TryRead(frame.Payload, out _): return AgentError.None;
            case AgentFrameType.Watch when AgentWatch.TryRead(frame.Payload, out var watch):
                _listeners.Watch(watch.On);
                _services.Watch(watch.On);
                return AgentError.None;
            case AgentFrameType.Time when AgentNumber.TryRead(frame.Payload, out var time):
                _outbox.Send(AgentFrameType.Timed, 0, _machine.SetTime(time.Value));
                return AgentError.None;
            case AgentFrameType.Status when frame.Payload.IsEmpty:
                _outbox.Send(AgentFrameType.StatusIs, 0, _machine.Status());
                return AgentError.None;
            default: return AgentError.BadPayload;
        }
    }

    private void Refuse(AgentError error, bool isDesynced)
    {
        if (_isWelcome) Log.Say($"the host has broken the protocol ({error})");
        _awaitsHello = false;
        if (!isDesynced) _parser.Desync();
        End();
    }

    private void Gone()
    {
        _awaitsHello = false;
        _parser.Desync();
        End();
    }

    private void Lost()
    {
        Gone();
        _port.Restart();
    }
}
