using System.Text;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Networks: which, and the card that the guest gets for it.</summary>
internal static class NetworkRules
{
    // The card of QEMU's own network.
    private const string SlirpInterface = "eth0";

    public static void Check(Reading reading)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var network in reading.Root.Items("networks"))
        {
            CheckKind(reading, network);
            CheckCard(reading, network);
            var name = network.Text("interface") ?? "";
            if (!taken.TryAdd(name, network.Path))
            {
                reading.Error(network, "interface",
                    $"field `{network.Path}.interface` value `{Shown.Value(name)}` has already been used by field `{taken[name]}.interface`");
            }
        }
    }

    private static void CheckKind(Reading reading, Section network)
    {
        var (lima, socket, vzNat) = (network.Text("lima"), network.Text("socket"), network.Bool("vzNAT") == true);
        if (lima is not null) CheckLima(reading, network, lima);
        else if (socket is not null) CheckSocket(reading, network, socket);
        else if (!vzNat) reading.Error(network, "lima", $"field `{network.Path}.lima` or field `{network.Path}.socket` must be set");
        if (lima is not null && socket is not null) Exclusive(reading, network, "lima", "socket");
        if (lima is not null && vzNat) Exclusive(reading, network, "lima", "vzNAT");
        else if (socket is not null && vzNat) Exclusive(reading, network, "socket", "vzNAT");
    }

    private static void CheckLima(Reading reading, Section network, string lima)
    {
        var path = network.FieldPath("lima");
        if (!reading.Host.Networks.TryGetValue(lima, out var mode))
        {
            reading.Error(network, "lima", $"field `{path}` references network `{Shown.Value(lima)}` which is not defined in networks.yaml");
        }
        else if (mode != "user-v2")
        {
            reading.Error(network, "lima", $"field `{path}` is only supported on macOS right now, except for networks of mode `user-v2`");
        }
    }

    private static void CheckSocket(Reading reading, Section network, string socket)
    {
        switch (reading.Host.Look?.Invoke(socket))
        {
            case PathKind.File or PathKind.Directory:
                reading.Error(network, "socket", $"field `{network.FieldPath("socket")}` `{Shown.Value(socket)}` points to a non-socket file");
                break;
            case PathKind.Inaccessible:
                reading.Error(network, "socket", $"field `{network.FieldPath("socket")}` `{Shown.Value(socket)}` cannot be looked at");
                break;
        }
    }

    private static void Exclusive(Reading reading, Section network, string one, string other) => reading.Error(
        network, other, $"field `{network.FieldPath(one)}` and field `{network.FieldPath(other)}` are mutually exclusive");

    private static void CheckCard(Reading reading, Section network)
    {
        if (network.Text("macAddress") is { } mac && !IsMac(mac))
        {
            reading.Error(network, "macAddress",
                $"field `{network.FieldPath("macAddress")}` must be a 48 bit (6 bytes) MAC address, got `{Shown.Value(mac)}`");
        }

        var (name, path) = (network.Text("interface") ?? "", network.FieldPath("interface"));
        var bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes >= 16) reading.Error(network, "interface", $"field `{path}` must be less than 16 bytes, but is {bytes} bytes: `{Shown.Value(name)}`");
        if (name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '/'))
        {
            reading.Error(network, "interface", $"field `{path}` must not contain whitespace or slashes");
        }

        if (name == SlirpInterface) reading.Error(network, "interface", $"field `{path}` must not be set to `{name}` because it is reserved for slirp");
        if (network.Integer("metric") is < 0 or > uint.MaxValue)
        {
            reading.Error(network, "metric", $"field `{network.FieldPath("metric")}` must be between 0 and {uint.MaxValue}");
        }
    }

    // Go also reads six bytes with hyphens between them and three groups with points.
    private static bool IsMac(string text)
    {
        var (separator, size) = text.Contains(':') ? (':', 2) : text.Contains('-') ? ('-', 2) : ('.', 4);
        var parts = text.Split(separator);
        return parts.Length == 12 / size && parts.All(part => part.Length == size && part.All(char.IsAsciiHexDigit));
    }
}
