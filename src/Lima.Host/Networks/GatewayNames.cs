using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Lima.Actors.Networks;
using Lima.Domain.Names;
using Lima.Domain.Networks;
using Lima.Drivers.Names;
using Lima.Drivers.Networks;

namespace Lima.Host.Networks;

/// <summary>The name server at the gateway of each network: the instances of that network, and all that this machine can look up.</summary>
internal sealed class GatewayNames(NetworkModel networks, IHostNames names, IUpstream upstream) : IGatewayNames
{
    private readonly ConcurrentDictionary<string, NameResponder> _responders = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<byte[]?> AnswerAsync(string network, ReadOnlyMemory<byte> question, CancellationToken cancel) =>
        _responders.GetOrAdd(network, Responder).AnswerAsync(question, isUdp: true, cancel);

    private NameResponder Responder(string network) => new(
        new NameTable
        {
            // The first card of every guest leads to the host.
            Hosts = ImmutableDictionary<string, string>.Empty.Add(NameTable.Host, UserNetwork.Gateway), AsksOthers = true, Vms = new Members(networks, network),
        },
        names, upstream);

    private sealed class Members(NetworkModel networks, string network) : IReachableVms
    {
        public IEnumerable<string> Names => Attached.Select(attached => attached.Member.Name).Distinct();

        public IPAddress? AddressOf(string vm) => Attached.FirstOrDefault(attached => attached.Member.Name == vm) is { } found ? found.Address : (IPAddress?)null;

        private ImmutableArray<NetworkAttachment> Attached => networks.Networks.GetValueOrDefault(network)?.Members ?? [];
    }
}
