using System.Net.Sockets;
using Lima.Domain.Specs;
using Lima.Drivers.Mounts.Sshfs;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Tests.Mounts.Sshfs;

/// <summary>A real SFTP server behind the gate, and the guest's end of the stream.</summary>
internal sealed class GatedServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly NetworkStream _guest;
    private readonly NetworkStream _ours;
    private readonly SftpGate _gate;

    private GatedServer(PipedProcess server, Socket guest, Socket ours, MountSpec mount)
    {
        Server = server;
        _guest = new NetworkStream(guest, ownsSocket: true);
        _ours = new NetworkStream(ours, ownsSocket: true);
        _gate = new SftpGate(_ours, server.Stream, new SftpPlaces(mount.Location, SftpServer.LinksAreTrusted(mount)));
        Requests = _gate.CarryRequestsAsync(_ended.Token);
        Answers = _gate.CarryAnswersAsync(_ended.Token);
        Client = new RawSftp(_guest);
    }

    public PipedProcess Server { get; }

    public RawSftp Client { get; }

    public Stream Guest => _guest;

    public Task Requests { get; }

    public Task Answers { get; }

    public static async Task<GatedServer> StartAsync(MountSpec mount)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen(1);
        var guest = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var accepted = listener.AcceptAsync();
        await guest.ConnectAsync(listener.LocalEndPoint!);
        return new GatedServer(SftpServer.Start(mount), guest, await accepted, mount);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _guest.DisposeAsync();
        await _ours.DisposeAsync();
        await Server.DisposeAsync();
        await Task.WhenAll(Requests, Answers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _gate.Dispose();
    }
}
