using System.Net;
using Lima.Domain.Names;

namespace Lima.Domain.Tests.Names;

/// <summary>Instances, each with an address or none.</summary>
internal sealed class KnownVms(params (string Name, string? Address)[] all) : IReachableVms
{
    public IEnumerable<string> Names => all.Select(vm => vm.Name);

    public IPAddress? AddressOf(string vm) => all.First(entry => entry.Name == vm).Address is { } address ? IPAddress.Parse(address) : null;
}
