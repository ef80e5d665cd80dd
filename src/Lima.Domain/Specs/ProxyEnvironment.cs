using System.Collections.Immutable;

namespace Lima.Domain.Specs;

/// <summary>
/// Proxy variables of the host, made to fit the guest. Rules are Lima's: a value of <c>env</c> gives way to the host's own,
/// an empty value removes the variable, both spellings of a name agree (the lower-case one wins), and a proxy on the
/// host's loopback is reached through the gateway.
/// </summary>
public static class ProxyEnvironment
{
    private static readonly ImmutableArray<string> Names = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"];
    private static readonly ImmutableArray<string> Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>The guest's environment: <paramref name="env"/> with the proxies of <paramref name="host"/>.</summary>
    /// <param name="env">Variables of the template.</param>
    /// <param name="host">Reads a variable of the host; null when it is not set.</param>
    /// <param name="gateway">Address under which the guest reaches the host.</param>
    public static ImmutableDictionary<string, string> Merge(ImmutableDictionary<string, string> env, Func<string, string?> host, string gateway)
    {
        foreach (var name in Names)
        {
            var upper = name.ToUpperInvariant();
            var value = host(name) ?? host(upper) ?? env.GetValueOrDefault(name) ?? env.GetValueOrDefault(upper);
            if (value is null) continue;
            env = env.RemoveRange([name, upper]);
            if (value.Length == 0 || value.Any(char.IsControl)) continue;
            var fitting = name == "no_proxy" ? value : Reachable(value, gateway);
            env = env.SetItem(name, fitting).SetItem(upper, fitting);
        }

        return env;
    }

    /// <summary>A URL whose host is the host's loopback leads to the gateway; anything else stays as it is.</summary>
    private static string Reachable(string value, string gateway)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var url)) return value;
        if (!Loopback.Contains(url.Host)) return value;
        var at = value.IndexOf(url.Host, value.IndexOf("://", StringComparison.Ordinal) + 3 + UserLength(value), StringComparison.OrdinalIgnoreCase);
        return at < 0 ? value : value[..at] + gateway + value[(at + url.Host.Length)..];
    }

    private static int UserLength(string value)
    {
        var start = value.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = value.IndexOf('/', start);
        var user = value.LastIndexOf('@', end < 0 ? value.Length - 1 : end);
        return user < start ? 0 : user - start + 1;
    }
}
