using System.Text;
using Lima.Templates.Defaults;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Rules of port forwards.</summary>
internal static class PortForwardRules
{
    private const int SocketPathMax = 108;
    private const int PlainPortsMax = 10;

    public static void Check(Reading reading)
    {
        foreach (var rule in reading.Root.Items("portForwards"))
        {
            if (rule.Bool("guestIPMustBeZero") == true && rule.Text("guestIP") != "0.0.0.0")
            {
                reading.Error(rule, "guestIPMustBeZero",
                    $"field `{rule.Path}.guestIPMustBeZero` can only be true when field `{rule.Path}.guestIP` is 0.0.0.0");
            }

            CheckPort(reading, rule, "guest");
            CheckPort(reading, rule, "host");
            CheckRanges(reading, rule);
            CheckSockets(reading, rule);
            CheckKind(reading, rule);
        }
    }

    /// <summary>In plain mode every port of a rule is set up, whether or not anything listens.</summary>
    public static void CheckPlain(Reading reading)
    {
        if (!reading.Plain) return;
        foreach (var rule in reading.Root.Items("portForwards"))
        {
            var (guest, host) = (Range(rule, "guest"), Range(rule, "host"));
            if (guest.Last - guest.First < PlainPortsMax && host.Last - host.First < PlainPortsMax) continue;
            reading.Problems.Warning(rule.Start, rule.Path, $"[plain mode] `{rule.Path}` covers a range of more than {PlainPortsMax} ports, and all of them are forwarded");
        }
    }

    private static (long First, long Last) Range(Section rule, string side) => PortForwardDefaults.Range(rule.Node(side + "PortRange"));

    private static void CheckPort(Reading reading, Section rule, string side)
    {
        if (rule.Integer(side + "Port") is not { } port) return;
        var path = $"{rule.Path}.{side}Port";
        if (rule.Has(side + "Socket")) reading.Error(rule, side + "Port", $"field `{path}` must be 0 when field `{rule.Path}.{side}Socket` is set");
        if (port != Range(rule, side).First) reading.Error(rule, side + "Port", $"field `{path}` must match field `{path}Range[0]`");
        if (AccessRules.PortProblem(port) is { } problem) reading.Error(rule, side + "Port", $"field `{path}` {problem}, got {port}");
    }

    private static void CheckRanges(Reading reading, Section rule)
    {
        var (guest, host) = (Range(rule, "guest"), Range(rule, "host"));
        CheckRange(reading, rule, "guest", guest);
        if (!rule.Has("hostSocket")) CheckRange(reading, rule, "host", host);

        // A host's port alone may lead to a socket; what has no order has no length.
        if (rule.Has("hostSocket") || (rule.Has("guestSocket") && host.Last == host.First) || guest.Last < guest.First || host.Last < host.First) return;
        if (guest.Last - guest.First == host.Last - host.First) return;
        reading.Error(rule, "hostPortRange",
            $"field `{rule.Path}.hostPortRange` must specify the same number of ports as field `{rule.Path}.guestPortRange`");
    }

    private static void CheckRange(Reading reading, Section rule, string side, (long First, long Last) range)
    {
        // One that is filled in comes from a port, or from the other side, and is as wrong as that.
        var key = side + "PortRange";
        if (rule.At(key) == rule.Start || rule.Nodes(key).Length != 2) return;
        var path = rule.FieldPath(key);
        foreach (var (end, port) in new[] { (0, range.First), (1, range.Last) })
        {
            if (AccessRules.PortProblem(port) is { } problem) reading.Error(rule, key, $"field `{path}[{end}]` {problem}, got {port}");
        }

        if (range.First > range.Last) reading.Error(rule, key, $"field `{path}[1]` must be greater than or equal to field `{path}[0]`");
    }

    private static void CheckSockets(Reading reading, Section rule)
    {
        var (guest, host) = (Range(rule, "guest"), Range(rule, "host"));
        if (rule.Text("guestSocket") is { } inside)
        {
            if (!inside.StartsWith('/')) reading.Error(rule, "guestSocket", $"field `{rule.Path}.guestSocket` must be an absolute path, but is `{Shown.Value(inside)}`");
            if (!rule.Has("hostSocket") && host.Last > host.First)
            {
                reading.Error(rule, "guestSocket", $"field `{rule.Path}.guestSocket` can only be mapped to a single port or socket. not a range");
            }
        }

        if (rule.Text("hostSocket") is not { } outside) return;
        if (!rule.Has("guestSocket") && guest.Last > guest.First)
        {
            reading.Error(rule, "hostSocket", $"field `{rule.Path}.hostSocket` can only be mapped from a single port or socket. not a range");
        }

        var bytes = Encoding.UTF8.GetByteCount(outside);
        if (bytes >= SocketPathMax)
        {
            reading.Error(rule, "hostSocket", $"field `{rule.Path}.hostSocket` must be less than UNIX_PATH_MAX={SocketPathMax} characters, but is {bytes}");
        }
    }

    private static void CheckKind(Reading reading, Section rule)
    {
        if (rule.Text("proto") is { } proto and not ("tcp" or "udp" or "any"))
        {
            reading.Error(rule, "proto", $"field `{rule.Path}.proto` must be `tcp`, `udp`, or `any`, got `{Shown.Value(proto)}`");
        }

        if (rule.Bool("reverse") == true && !(rule.Has("guestSocket") && rule.Has("hostSocket")))
        {
            reading.Error(rule, "reverse", $"field `{rule.Path}.reverse` must be false unless both `guestSocket` and `hostSocket` are set");
        }
    }
}
