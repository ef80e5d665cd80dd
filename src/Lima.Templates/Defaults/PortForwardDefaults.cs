using Lima.Templates.Yaml;

namespace Lima.Templates.Defaults;

/// <summary>Rules of port forwards: addresses, ranges and sockets.</summary>
internal static class PortForwardDefaults
{
    private const string Loopback = "127.0.0.1";
    private const string Zero = "0.0.0.0";

    public static void Fill(Draft root, Filling filling)
    {
        var rules = root.Items("portForwards");
        foreach (var rule in rules) FillRule(rule, filling);
        root.Keep("portForwards", rules);
    }

    /// <summary>The two ports of a range, 0 and 0 when it is not set.</summary>
    public static (long First, long Last) Range(YamlNode? node)
    {
        var items = (node as YamlList)?.Items ?? [];
        return (items.Length > 0 ? YamlScalars.AsInteger(items[0]) ?? 0 : 0, items.Length > 1 ? YamlScalars.AsInteger(items[1]) ?? 0 : 0);
    }

    private static void FillRule(Draft rule, Filling filling)
    {
        rule.Default("proto", "any");
        rule.Default("guestIP", rule.Bool("guestIPMustBeZero") == true ? Zero : Loopback);
        rule.Default("guestIPMustBeZero", rule.Text("guestIP") == Zero);
        rule.Default("hostIP", Loopback);
        if (Range(rule["guestPortRange"]) == (0, 0))
        {
            var port = rule.Integer("guestPort") ?? 0;
            rule.Ports("guestPortRange", port == 0 ? 1 : port, port == 0 ? 65535 : port);
        }

        filling.ExpandGuest(rule, "guestSocket");
        if (rule.Text("hostSocket") is { Length: > 0 })
        {
            filling.ExpandHost(rule, "hostSocket");
            var socket = rule.Text("hostSocket")!;
            if (!socket.StartsWith('/')) rule.Set("hostSocket", HostPath.Clean($"{filling.Instance.Directory}/sock/{socket}"));
            if (rule["hostPortRange"] is null) rule.Ports("hostPortRange", 0, 0);
        }
        else if (Range(rule["hostPortRange"]) == (0, 0))
        {
            var guest = Range(rule["guestPortRange"]);
            var port = rule.Integer("hostPort") ?? 0;
            rule.Ports("hostPortRange", port == 0 ? guest.First : port, port == 0 ? guest.Last : port);
        }
    }
}
