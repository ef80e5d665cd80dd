using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// What the script <c>watch-ports.sh</c> says from within the guest: lines <c>P1 NUMBER ENTRY…</c> with all that listens, where an
/// entry is <c>t</c> or <c>u</c> and address and port as <c>/proc/net</c> writes them. Untrusted: bounded, and what is no such entry is skipped.
/// </summary>
public static class ShellListeners
{
    /// <summary>Listeners that are taken from one line; the rest is not looked at.</summary>
    public const int ListenersMax = 4096;

    private const string Mark = "P1";

    /// <summary>Reads one line; null for one that says nothing of listeners.</summary>
    public static ImmutableArray<GuestListener>? Parse(string line)
    {
        var words = line.Split(' ', ListenersMax + 3, StringSplitOptions.RemoveEmptyEntries);
        if (words is not [Mark, var number, ..] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)) return null;
        // Number 0 only says that the guest is there.
        return sequence == 0 ? null : [.. words.Skip(2).Take(ListenersMax).Select(Entry).OfType<GuestListener>().Distinct()];
    }

    private static GuestListener? Entry(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || text.Length - colon != 5 || text[0] is not ('t' or 'u')) return null;
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port) || port == 0) return null;
        return Address(text.AsSpan(1, colon - 1)) is { } ip ? new GuestListener(text[0] == 't' ? PortProtocol.Tcp : PortProtocol.Udp, ip, port) : null;
    }

    /// <summary>The kernel writes each 32 bits in the guest's own order, which is that of all machines we run: the lowest byte first.</summary>
    private static string? Address(ReadOnlySpan<char> hex)
    {
        if (hex.Length is not (8 or 32)) return null;
        Span<byte> bytes = stackalloc byte[hex.Length / 2];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!byte.TryParse(hex.Slice(i * 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return null;
            bytes[(i & ~3) + 3 - (i & 3)] = value;
        }

        var address = new IPAddress(bytes);
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }
}
