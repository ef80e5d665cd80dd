namespace Lima.Domain.PortForwarding;

/// <summary>One end of a forward: an address and a port, or a socket file.</summary>
/// <param name="Ip">Address in its shortest form; empty for a socket.</param>
/// <param name="Port">Port; 0 for a socket.</param>
/// <param name="Socket">Absolute path; empty for a port.</param>
public readonly record struct ForwardEnd(string Ip, int Port, string Socket = "")
{
    /// <summary>Most bytes that the path of a socket file may have; the kernel's limit.</summary>
    public const int SocketBytesMax = 107;

    /// <summary>A socket file.</summary>
    public static ForwardEnd OfSocket(string path) => new("", 0, path);

    /// <summary>Whether it is a socket file.</summary>
    public bool IsSocket => Socket.Length > 0;

    /// <inheritdoc/>
    public override string ToString() => IsSocket ? Socket : IpText.IsV6(Ip) ? $"[{Ip}]:{Port}" : $"{Ip}:{Port}";
}
