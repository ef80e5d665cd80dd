using Lima.Domain.Networks;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Networks;

/// <summary>The files of one network.</summary>
/// <param name="home">Where everything is.</param>
/// <param name="network">Name of the network.</param>
public sealed class NetworkFiles(LimaHome home, string network)
{
    private const string Root = "_networks";
    private const string End = ".sock";

    // What the address of a socket has room for, without the zero at its end.
    private const int SocketPathMax = 107;

    /// <summary>The directory of all of them.</summary>
    public string Directory { get; } = Path.Combine(home.Path, Root, network);

    /// <summary>Which card has which address: a map from addresses to cards, as Lima writes it.</summary>
    public string Leases => Path.Combine(Directory, "leases.json");

    /// <summary>The socket at which the switch takes the frames of a card.</summary>
    public string Port(Mac card) => Path.Combine(Directory, card.Digits + End);

    /// <summary>Fails when the path of a socket is too long for one.</summary>
    /// <exception cref="DriverException">Code <c>launch-failed</c>.</exception>
    public string CheckedPort(Mac card)
    {
        var path = Port(card);
        if (System.Text.Encoding.UTF8.GetByteCount(path) <= SocketPathMax) return path;
        throw new DriverException(
            Domain.Vms.VmCauses.LaunchFailed, "attaching to the network", $"the path `{path}` is too long for a socket (at most {SocketPathMax} bytes)",
            $"give network `{network}` a shorter name, or use a shorter LIMA_HOME");
    }

    /// <summary>Network and card that the path of such a socket names; null when it is none.</summary>
    public static (string Network, Mac Card)? Read(string port)
    {
        var directory = Path.GetDirectoryName(port);
        if (Path.GetFileName(Path.GetDirectoryName(directory)) != Root || !port.EndsWith(End, StringComparison.Ordinal)) return null;
        var digits = Path.GetFileNameWithoutExtension(port);
        var isCard = Mac.TryParse(string.Join(':', digits.Chunk(2).Select(pair => new string(pair))), out var card);
        return isCard ? (Path.GetFileName(directory)!, card) : null;
    }
}
