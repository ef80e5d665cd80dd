using System.Collections.Immutable;
using System.Net;

namespace Lima.Domain.Names;

/// <summary>The name servers that a <c>resolv.conf</c> names.</summary>
public static class ResolvConf
{
    /// <summary>More are not asked; the C library takes three.</summary>
    public const int ServersMax = 8;

    private static readonly IPAddress[] Stubs = [new([127, 0, 0, 53]), new([127, 0, 0, 54])];

    /// <summary>The servers, in their order. Lines that make no sense are passed over, as the C library does.</summary>
    public static ImmutableArray<IPAddress> Servers(string text) =>
    [
        .. text.Split('\n')
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", _, ..])
            .Select(words => IPAddress.TryParse(words[1], out var server) ? server : null)
            .OfType<IPAddress>().Distinct().Take(ServersMax),
    ];

    /// <summary>
    /// Whom to ask: the servers of the file; where these are systemd-resolved itself, the ones that it asks come behind it, for when it does
    /// not answer. Without any it is this machine, as for the C library.
    /// </summary>
    /// <param name="text">The file; null when there is none.</param>
    /// <param name="behindStub">The file with the servers that systemd-resolved asks; null when there is none.</param>
    public static ImmutableArray<IPAddress> Upstream(string? text, string? behindStub)
    {
        var servers = Servers(text ?? "");
        if (servers.IsEmpty) servers = [IPAddress.Loopback];
        return servers.Any(Stubs.Contains) ? [.. servers.Concat(Servers(behindStub ?? "")).Distinct().Take(ServersMax)] : servers;
    }
}
