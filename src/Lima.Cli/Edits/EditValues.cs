using System.Globalization;
using System.Net;
using System.Text;

namespace Lima.Cli.Edits;

/// <summary>From the text of a flag to the text of an expression; what does not fit is refused with the value in the message.</summary>
internal static class EditValues
{
    /// <summary>A text as a literal of the expression language.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A switch: nothing, or a word that Go takes for a truth value.</summary>
    public static string Bool(string text) => text switch
    {
        "" or "1" or "t" or "T" or "true" or "TRUE" or "True" => "true",
        "0" or "f" or "F" or "false" or "FALSE" or "False" => "false",
        _ => throw new FormatException($"`{text}` is neither true nor false"),
    };

    /// <summary>A size in GiB, fractions allowed, as Lima writes it.</summary>
    public static string Gibibytes(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var size) && float.IsFinite(size) && size >= 0
            ? Quote(size.ToString("0.########", CultureInfo.InvariantCulture) + "GiB")
            : throw new FormatException($"`{text}` is no size in GiB, such as 4 or 0.5");

    /// <summary>A count of processors; 0 is the default.</summary>
    public static string Cpus(string text)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
            throw new FormatException($"`{text}` is no whole number");
        return count >= 0 ? count.ToString(CultureInfo.InvariantCulture) : throw new FormatException("invalid value for number of cpus, must be >= 0");
    }

    /// <summary>A TCP port; 0 lets the host choose.</summary>
    public static string Port(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port.ToString(CultureInfo.InvariantCulture)
            : throw new FormatException($"`{text}` is no port; give a number from 0 (random) to 65535");

    /// <summary>An IP address in its usual form.</summary>
    public static string Address(string text) =>
        IPAddress.TryParse(text.Trim(), out var address) ? Quote(address.ToString()) : throw new FormatException($"`{text}` is no IP address");

    /// <summary>A directory to mount, <c>DIR</c> or <c>DIR:w</c>.</summary>
    public static string Mount(string text, Func<string, string> locations)
    {
        var writable = text.EndsWith(":w", StringComparison.Ordinal);
        var location = Quote(locations(writable ? text[..^2] : text));
        return $$"""{"location": {{location}}, "mountPoint": {{location}}, "writable": {{(writable ? "true" : "false")}}}""";
    }

    /// <summary>A network, <c>vzNAT</c> or <c>lima:NAME</c>.</summary>
    public static string Network(string text) => text switch
    {
        "vzNAT" => """{"vzNAT": true}""",
        _ when text.StartsWith("lima:", StringComparison.Ordinal) => $$"""{"lima": {{Quote(text["lima:".Length..])}}}""",
        _ => throw new FormatException($"network name must be `vzNAT` or `lima:*`, got `{text}`"),
    };

    /// <summary>A forward, <c>HOST:GUEST</c> or <c>HOST:GUEST,static=BOOL</c>; ports stay texts, as a range may be meant.</summary>
    public static string PortForward(string text)
    {
        var parts = text.Split(',');
        if (parts.Length > 2) throw new FormatException($"invalid port forward format `{text}`, expected HOST:GUEST or HOST:GUEST,static=true");
        if (parts[0].Trim().Split(':') is not [var host, var guest])
            throw new FormatException($"invalid port forward format `{parts[0]}`, expected HOST:GUEST");
        var fixedOne = parts.Length == 2 ? Static(parts[1].Trim()) : "false";
        return $$"""{"guestPort": {{Quote(guest.Trim())}}, "hostPort": {{Quote(host.Trim())}}, "static": {{fixedOne}}}""";
    }

    /// <summary>A parameter, <c>NAME=VALUE</c>; the value may contain <c>=</c>.</summary>
    public static string Param(string text, IReadOnlyCollection<string> allowed)
    {
        var at = text.IndexOf('=');
        if (at < 0) throw new FormatException($"invalid parameter `{text}`, expected NAME=VALUE");
        var name = text[..at];
        return allowed.Contains(name)
            ? $".param[{Quote(name)}] = {Quote(text[(at + 1)..])}"
            : throw new FormatException($"template does not define param `{name}`");
    }

    private static string Static(string text)
    {
        if (!text.StartsWith("static=", StringComparison.Ordinal))
            throw new FormatException($"invalid parameter `{text}`, expected `static=` followed by a boolean value");
        var value = text["static=".Length..];
        try
        {
            return value.Length > 0 ? Bool(value) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new FormatException($"invalid value for static parameter: `{value}`");
        }
    }
}
