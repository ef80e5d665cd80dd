using System.Net;
using System.Net.Sockets;

namespace Lima.Cli.Shell;

/// <summary>Tells quickly whether an instance's SSH can be worth a try.</summary>
internal static class Reachability
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    /// <summary>True when the shared connection's master listens, or else the port does.</summary>
    public static bool Answers(SshConfigFile config)
    {
        if (config.ControlPath is { } path && Listens(path)) return true;
        return IPAddress.TryParse(config.Address, out var address) && Connects(new IPEndPoint(address, config.Port), ProtocolType.Tcp);
    }

    /// <summary>Whether a process accepts connections at a socket's path; that it exists would say nothing.</summary>
    public static bool Listens(string path)
    {
        // A path with tokens such as %h is OpenSSH's own to expand.
        if (path.Contains('%') || System.Text.Encoding.UTF8.GetByteCount(path) > Client.HostLauncher.SocketPathMax) return false;
        return Connects(new UnixDomainSocketEndPoint(path), ProtocolType.Unspecified);
    }

    private static bool Connects(EndPoint end, ProtocolType protocol)
    {
        using var socket = new Socket(end.AddressFamily, SocketType.Stream, protocol) { Blocking = false };
        try
        {
            socket.Connect(end);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return socket.Poll(Limit, SelectMode.SelectWrite)
                && socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
