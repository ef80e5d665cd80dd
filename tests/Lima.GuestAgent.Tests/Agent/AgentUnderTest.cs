using System.Collections.Concurrent;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;
using Lima.Testing;

namespace Lima.GuestAgent.Tests.Agent;

/// <summary>The agent on a thread of the tests, with a socket file in place of the port.</summary>
internal sealed class AgentUnderTest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly EventLoop _loop = new();
    private readonly AgentPort _port;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<Exception> _failures = new();

    public AgentUnderTest()
    {
        Path = _directory["port"];
        _port = new SocketPort(_loop, Path);
        Session = new AgentSession(_loop, _port, new MachineState(canSetTime: false), GuestUser.Of(null, Libc.EffectiveUser(), []));
        _port.Start();
        _thread = new Thread(() =>
        {
            try
            {
                _loop.Run();
            }
            catch (Exception failure)
            {
                _failures.Enqueue(failure);
            }
        });
        _thread.Start();
    }

    public string Path { get; }

    public AgentSession Session { get; }

    /// <summary>A path that nothing has yet.</summary>
    public string this[string name] => _directory[name];

    /// <summary>Runs something where the session lives, and waits for it.</summary>
    public T On<T>(Func<AgentSession, T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(() => done.SetResult(work(Session)));
        Assert.True(done.Task.Wait(TimeSpan.FromSeconds(60)));
        return done.Task.Result;
    }

    public void Dispose()
    {
        _loop.Post(() =>
        {
            Session.End();
            _loop.Stop();
        });
        Assert.True(_thread.Join(TimeSpan.FromSeconds(60)));
        _port.Dispose();
        _loop.Dispose();
        _directory.Dispose();
        Assert.Empty(_failures);
    }
}
