using System.Globalization;
using System.Net;
using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>One end of a rule as it is written.</summary>
/// <param name="Ip">Its address; null when none is written.</param>
/// <param name="Ports">Its ports.</param>
/// <param name="Socket">The socket in their place; empty when there is none.</param>
/// <param name="IsAuto">Any port of the host.</param>
internal readonly record struct PortEnd(string? Ip, PortRange Ports, string Socket, bool IsAuto)
{
    public static readonly PortEnd None = new(null, default, "", false);

    /// <summary>Reads an end; <paramref name="rest"/> is what follows its colon.</summary>
    public static bool TryRead(string text, out PortEnd end, out string rest, out string problem)
    {
        (end, problem) = (None, "");
        if (text.StartsWith('/'))
        {
            (var path, rest) = Word(text);
            end = None with { Socket = path };
            problem = path.Contains('\0') || path.EndsWith('/') ? $"`{path}` is no socket" : "";
            return problem.Length == 0;
        }

        string? ip = null;
        var (word, after) = Word(text);
        if (word.StartsWith('[') || IPAddress.TryParse(word, out _) && word.Contains('.'))
        {
            if (!IPAddress.TryParse(word.Trim('[', ']'), out var address)) return Fail(word, "no address", out rest, out problem);
            ip = address.ToString();
            (word, after) = Word(after);
        }

        rest = after;
        if (word == "auto")
        {
            end = None with { Ip = ip, IsAuto = true };
            return true;
        }

        if (!TryPorts(word, out var ports)) return Fail(word, "neither a port (1 to 65535), nor FIRST-LAST, nor an address, nor an absolute path", out rest, out problem);
        end = None with { Ip = ip, Ports = ports };
        return true;
    }

    private static bool Fail(string word, string what, out string rest, out string problem)
    {
        (rest, problem) = ("", word.Length == 0 ? "a port is missing" : $"`{word}` is {what}");
        return false;
    }

    /// <summary>Up to the next colon that is not within brackets.</summary>
    private static (string First, string Remainder) Word(string text)
    {
        var from = text.StartsWith('[') ? Math.Max(text.IndexOf(']'), 0) : 0;
        var at = text.IndexOf(':', from);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }

    private static bool TryPorts(string word, out PortRange ports)
    {
        var parts = word.Split('-');
        ports = default;
        if (parts.Length > 2 || !TryPort(parts[0], out var first) || !TryPort(parts[^1], out var last) || last < first) return false;
        ports = new PortRange(first, last);
        return true;
    }

    private static bool TryPort(string text, out int port) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;
}
