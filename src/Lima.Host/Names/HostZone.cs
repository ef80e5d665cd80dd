using System.Net.Sockets;
using Lima.Domain.Names;
using Lima.Drivers;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;
using Lima.Drivers.Names;

namespace Lima.Host.Names;

/// <summary>
/// The name server for programs of this machine. It knows the instances and nothing else. There is none until a user wants it; the port is
/// kept in a file, so that the next host serves it again.
/// </summary>
internal sealed class HostZone(LimaHome home, ReachableVms vms, IHostNames names, IUpstream upstream) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int FileBytesMax = 8;

    private readonly Lock _lock = new();
    private readonly NameResponder _responder = new(NameTable.ForHost(vms.FromHost), names, upstream);
    private NameServer? _server;

    /// <summary>The port that is wanted; 0 for none.</summary>
    public int Port { get; private set; }

    /// <summary>Why nobody answers there; null when all is well.</summary>
    public string? Problem { get; private set; }

    private string PortFile => Path.Combine(home.HostDirectory, "dns-port");

    /// <summary>Begins to serve, if that is wanted.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            Port = Read();
            TryOpen();
        }
    }

    /// <summary>Tries again what did not work before: the port may be free by now.</summary>
    public void TryAgain()
    {
        lock (_lock) TryOpen();
    }

    /// <summary>Serves at another port, or at none.</summary>
    /// <exception cref="DriverException">It cannot be had (<c>port-in-use</c>) or not be written down; all is as it was.</exception>
    public void Set(int port)
    {
        lock (_lock)
        {
            if (port == Port && (port == 0 || _server is not null)) return;
            var server = port == 0 ? null : Open(port);
            try
            {
                AtomicFile.WriteIfChanged(PortFile, $"{port}\n", Private);
            }
            catch
            {
                server?.Dispose();
                throw;
            }

            _server?.Dispose();
            (_server, Port, Problem) = (server, port, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _server?.Dispose();
            _server = null;
        }
    }

    private void TryOpen()
    {
        if (Port == 0 || _server is not null) return;
        try
        {
            _server = Open(Port);
            Problem = null;
        }
        catch (DriverException e)
        {
            Problem = e.Message;
        }
    }

    private NameServer Open(int port)
    {
        try
        {
            return NameServer.Open(port, _responder);
        }
        catch (SocketException e)
        {
            var why = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program has it, perhaps the host of another LIMA_HOME",
                SocketError.AccessDenied => "ports below 1024 need special rights",
                _ => e.Message,
            };
            throw new DriverException(
                "port-in-use", "serving names", $"port {port} on 127.0.0.1 cannot be used for names: {why}",
                $"choose another one with `limactl dns enable --port`; `ss -lntup 'sport = :{port}'` shows who has it", e);
        }
    }

    private int Read()
    {
        try
        {
            var file = new FileInfo(PortFile);
            return file.Exists && file.Length <= FileBytesMax && int.TryParse(File.ReadAllText(file.FullName).Trim(), out var port) &&
                port is > 0 and <= ushort.MaxValue ? port : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
