using Lima.Domain.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Agent;

/// <summary>
/// QEMU's port in the guest. While the host is away the kernel reports it as hung up, all the time; only the edges of that wake anybody
/// here, so that waiting for a host costs nothing.
/// </summary>
/// <param name="path">The device; null to find it by its name.</param>
internal sealed class VirtioPort(EventLoop loop, string? path) : AgentPort
{
    private const string Ports = "/sys/class/virtio-ports";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.2), LongestPause = TimeSpan.FromMinutes(1);

    private int _descriptor = -1;
    private TimeSpan _pause = FirstPause;
    private bool _isDisposed, _isMissed;

    /// <inheritdoc/>
    public override void Start()
    {
        if (_isDisposed || _descriptor >= 0) return;
        var device = path ?? Find();
        if (device is not null) _descriptor = Libc.Open(device, Libc.ReadWrite | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (_descriptor >= 0)
        {
            _pause = FirstPause;
            Opened();
            loop.Watch(_descriptor, EventLoop.In | EventLoop.Out, _ => Changed());
            return;
        }

        if (!_isMissed) Log.Say(device is null ? "this machine has no port for the agent; it is looked for seldom" : $"{device}: {Errno.Text(Libc.Error)}");
        _isMissed = true;
        loop.After(_pause, Start);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> bytes) => _descriptor < 0 ? TryAgain : Descriptors.Read(_descriptor, bytes);

    /// <inheritdoc/>
    public override int Write(ReadOnlySpan<byte> bytes) => _descriptor < 0 ? TryAgain : Descriptors.Write(_descriptor, bytes);

    /// <inheritdoc/>
    public override void Restart()
    {
        Shut();
        loop.After(_pause, Start);
    }

    public override void Dispose()
    {
        _isDisposed = true;
        Shut();
    }

    /// <summary>The device whose name is the agent's; null when there is none (yet).</summary>
    public static string? Find(string ports = Ports)
    {
        if (!Directory.Exists(ports)) return null;
        foreach (var port in Directory.GetDirectories(ports))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(port, "name")).Trim() == AgentProtocol.PortName) return "/dev/" + Path.GetFileName(port);
            }
            catch (IOException)
            {
                // A port without a name, or one that is just going.
            }
        }

        return null;
    }

    private void Shut()
    {
        if (_descriptor < 0) return;
        loop.Forget(_descriptor);
        _ = Libc.Close(_descriptor);
        _descriptor = -1;
    }
}
