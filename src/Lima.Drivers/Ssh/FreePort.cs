using System.Net;
using System.Net.Sockets;
using Lima.Domain.Vms;

namespace Lima.Drivers.Ssh;

/// <summary>TCP ports on 127.0.0.1 for the way to a guest's SSH server.</summary>
public static class FreePort
{
    private const int Attempts = 50;

    /// <summary>A port that is free now. Nothing keeps it so: it should be used soon.</summary>
    /// <param name="except">Ports that are given out already, though nobody listens there yet.</param>
    /// <exception cref="DriverException">No port can be had (code <c>port-none</c>).</exception>
    public static int Choose(IReadOnlySet<int>? except = null)
    {
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var port = Listen(0);
                if (except?.Contains(port) != true) return port;
            }
        }
        catch (SocketException failure)
        {
            throw None(failure.Message, failure);
        }

        throw None($"{Attempts} ports in a row were given out already", null);
    }

    /// <summary>Makes sure that the port a user wants is free.</summary>
    /// <param name="port">Port number, 1 to 65535.</param>
    /// <param name="name">The instance that wants it.</param>
    /// <exception cref="DriverException">It is taken or not allowed (code <c>port-in-use</c>).</exception>
    public static void Require(int port, VmName name)
    {
        try
        {
            Listen(port);
        }
        catch (SocketException failure)
        {
            var problem = failure.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program listens there",
                SocketError.AccessDenied => "ports below 1024 need special rights",
                _ => failure.Message,
            };
            throw new DriverException(
                "port-in-use", "choosing the SSH port", $"instance `{name}`: port {port} on 127.0.0.1 cannot be used: {problem}",
                $"set `ssh.localPort` to another port, or to 0 for any free one; `ss -ltnp 'sport = :{port}'` shows who has it", failure);
        }
    }

    /// <summary>Whether nobody listens on a port.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            Listen(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int Listen(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        // Only listening is refused where another has the port on all addresses.
        socket.Listen(1);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static DriverException None(string why, Exception? inner) => new(
        "port-none", "choosing the SSH port", $"no free TCP port on 127.0.0.1: {why}", "stop instances or programs that hold many ports", inner);
}
