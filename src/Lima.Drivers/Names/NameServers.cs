using System.Net.Sockets;
using Lima.Domain.Names;
using Lima.Domain.Networks;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Names;

/// <summary>
/// Name servers for guests. The guest's rules name the port, and stay when the host dies; so the port is kept with the instance, and comes
/// from a range that the system does not give to anybody by itself.
/// </summary>
/// <param name="names">This machine's resolver.</param>
/// <param name="upstream">Other name servers.</param>
/// <param name="vms">The instances, as the one of that name can reach them.</param>
public sealed class NameServers(IHostNames names, IUpstream upstream, Func<VmName, IReachableVms> vms) : INameServers, IDisposable
{
    // Below the ports of outgoing connections (32768 and more) and those of Kubernetes' services (30000 and more).
    private const int FirstPort = 20000, Ports = 10000, Attempts = 50, LastTries = 10, PortDigitsMax = 8;
    private static readonly TimeSpan LastPause = TimeSpan.FromMilliseconds(50);
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lock _lock = new();
    private readonly Dictionary<VmId, NameServer> _servers = [];

    /// <summary>Whether an instance with that configuration has a name server here.</summary>
    public static bool IsWanted(VmSpec spec) => spec is { HostResolver.Enabled: true, Plain: false };

    /// <inheritdoc/>
    public async Task<int> PrepareAsync(VmId id, InstanceDirectory directory, VmSpec spec, CancellationToken cancel)
    {
        if (!IsWanted(spec))
        {
            Close(id);
            File.Delete(directory.DnsPort);
            return 0;
        }

        NameServer? server = null;
        // A port that was let go of a moment ago may still be held by a program that is just being started.
        for (var tries = 0; server is null && tries < LastTries && LastPort(directory) is { } last; tries++)
        {
            if (tries > 0) await Task.Delay(LastPause, cancel);
            server = Open(id, directory, spec, [last]);
        }

        server ??= Open(id, directory, spec, Candidates(id)) ?? throw Taken(directory, "no port can be had", null);
        AtomicFile.WriteIfChanged(directory.DnsPort, $"{server.Port}\n", Private);
        return server.Port;
    }

    /// <inheritdoc/>
    public void Resume(VmId id, InstanceDirectory directory, VmSpec spec)
    {
        // One that was launched without a server has rules for none.
        if (!IsWanted(spec) || LastPort(directory) is not { } port) return;
        if (Open(id, directory, spec, [port]) is null) throw Taken(directory, $"port {port} on 127.0.0.1 is taken by another program", $"`ss -lntup 'sport = :{port}'` shows which");
    }

    /// <inheritdoc/>
    public void Close(VmId id)
    {
        lock (_lock)
        {
            if (_servers.Remove(id, out var server)) server.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var server in _servers.Values) server.Dispose();
            _servers.Clear();
        }
    }

    private NameServer? Open(VmId id, InstanceDirectory directory, VmSpec spec, IEnumerable<int> ports)
    {
        var table = NameTable.ForGuest(directory.Name, spec.HostResolver, UserNetwork.Gateway, UserNetwork.Guest, vms(directory.Name));
        var responder = new NameResponder(table, names, upstream);
        lock (_lock)
        {
            if (_servers.TryGetValue(id, out var open)) open.Use(responder);
            else if (ports.Select(port => TryOpen(port, responder)).FirstOrDefault(server => server is not null) is { } made) _servers[id] = open = made;
            return open;
        }
    }

    private static NameServer? TryOpen(int port, NameResponder responder)
    {
        try
        {
            return NameServer.Open(port, responder);
        }
        catch (SocketException)
        {
            // Somebody has it.
            return null;
        }
    }

    private static IEnumerable<int> Candidates(VmId id)
    {
        // The same number each time, as far as it goes: what is on the seed should not change without need.
        var start = id.Value.Aggregate(17u, (sum, letter) => (sum * 31) + letter);
        for (var n = 0u; n < Attempts; n++) yield return FirstPort + (int)((start + n) % Ports);
        yield return 0;
    }

    private static int? LastPort(InstanceDirectory directory)
    {
        try
        {
            var file = new FileInfo(directory.DnsPort);
            return file.Exists && file.Length <= PortDigitsMax && int.TryParse(File.ReadAllText(file.FullName).Trim(), out var port) &&
                port is > 0 and <= ushort.MaxValue ? port : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static DriverException Taken(InstanceDirectory directory, string why, string? how) => new(
        VmCauses.HostResolver, "serving names to the guest", $"instance `{directory.Name}`: names cannot be looked up for the guest by this machine: {why}",
        how is null ? "stop programs that hold many ports" : $"end the program that has it ({how}), or restart the instance, which takes another port");
}
