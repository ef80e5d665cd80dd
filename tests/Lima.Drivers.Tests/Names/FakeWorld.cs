using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Lima.Domain.Names;
using Lima.Drivers.Names;

namespace Lima.Drivers.Tests.Names;

/// <summary>A host that knows a few names, servers that say what they are told to, and no other instances.</summary>
internal sealed class FakeWorld : IHostNames, IUpstream, IReachableVms
{
    public ConcurrentDictionary<string, string[]> Known { get; } = new();

    /// <summary>What other servers reply; null for nothing.</summary>
    public Func<byte[], Task<byte[]?>> Upstream { get; set; } = _ => Task.FromResult<byte[]?>(null);

    public IEnumerable<string> Names => [];

    public IPAddress? AddressOf(string vm) => null;

    public Task<IReadOnlyList<IPAddress>?> AddressesAsync(string name, AddressFamily family, CancellationToken cancel) => Task.FromResult(
        name == "broken" ? null : (IReadOnlyList<IPAddress>)[.. Known.GetValueOrDefault(name, []).Select(IPAddress.Parse).Where(a => a.AddressFamily == family)]);

    public Task<byte[]?> AskAsync(ReadOnlyMemory<byte> message, int questionEnd, CancellationToken cancel) => Upstream(message.ToArray()).WaitAsync(cancel);
}
