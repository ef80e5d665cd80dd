using Lima.Contracts;

namespace Lima.Cli.Client;

/// <summary>Work on instances besides running them, disks, and pruning.</summary>
internal sealed partial class HostClient
{
    /// <summary>Gives an instance another configuration.</summary>
    public Task<Accepted> EditAsync(string name, EditRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"{InstancePath(name)}/edit", Body(request, ContractsJson.Default.EditRequest), ContractsJson.Default.Accepted, cancel);

    /// <summary>Sends <c>clone</c> or <c>rename</c>.</summary>
    public Task<Accepted> NewNameAsync(string name, string verb, NewNameRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"{InstancePath(name)}/{verb}", Body(request, ContractsJson.Default.NewNameRequest), ContractsJson.Default.Accepted, cancel);

    /// <summary>Sends <c>protect</c> or <c>unprotect</c>.</summary>
    public Task<Accepted> ProtectAsync(string name, string verb, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"{InstancePath(name)}/{verb}", null, ContractsJson.Default.Accepted, cancel);

    /// <summary>Changes the disks of an instance.</summary>
    public Task<Accepted> ChangeDiskAsync(string name, DiskChangeRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"{InstancePath(name)}/disks", Body(request, ContractsJson.Default.DiskChangeRequest), ContractsJson.Default.Accepted, cancel);

    /// <summary>Mounts a directory in a running instance.</summary>
    public Task<Accepted> AddMountAsync(string name, AddMountRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"{InstancePath(name)}/mounts/add", Body(request, ContractsJson.Default.AddMountRequest), ContractsJson.Default.Accepted, cancel);

    /// <summary>Takes a directory away from a running instance.</summary>
    public Task<Accepted> RemoveMountAsync(string name, RemoveMountRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"{InstancePath(name)}/mounts/remove", Body(request, ContractsJson.Default.RemoveMountRequest), ContractsJson.Default.Accepted, cancel);

    /// <summary>The forwards of an instance.</summary>
    public Task<PortList> PortsAsync(string name, CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, $"{InstancePath(name)}/ports", null, ContractsJson.Default.PortList, cancel);

    /// <summary>Sends <c>add</c> or <c>remove</c> for forwards of an instance.</summary>
    public Task<Accepted> ChangePortsAsync(string name, string verb, PortsRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"{InstancePath(name)}/ports/{verb}", Body(request, ContractsJson.Default.PortsRequest), ContractsJson.Default.Accepted, cancel);

    /// <summary>Names of instances on this machine.</summary>
    public Task<DnsView> DnsAsync(CancellationToken cancel) => SendAsync(HttpMethod.Get, "dns", null, ContractsJson.Default.DnsView, cancel);

    /// <summary>Serves them at another port, or at none.</summary>
    public Task<DnsView> SetDnsAsync(DnsRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, "dns", Body(request, ContractsJson.Default.DnsRequest), ContractsJson.Default.DnsView, cancel);

    /// <summary>The disks beside the instances.</summary>
    public Task<DiskList> DisksAsync(CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, "disks", null, ContractsJson.Default.DiskList, cancel);

    /// <summary>The networks between instances.</summary>
    public Task<NetworkList> NetworksAsync(CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, "networks", null, ContractsJson.Default.NetworkList, cancel);

    /// <summary>Makes a disk.</summary>
    public Task<DiskView> CreateDiskAsync(CreateDiskRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, "disks", Body(request, ContractsJson.Default.CreateDiskRequest), ContractsJson.Default.DiskView, cancel);

    /// <summary>Sends <c>delete</c>, <c>unlock</c> or <c>resize</c>.</summary>
    public Task<DiskView> DiskAsync(string name, string verb, DiskRequest request, CancellationToken cancel) =>
        SendAsync(
            HttpMethod.Post, $"disks/{Uri.EscapeDataString(name)}/{verb}", Body(request, ContractsJson.Default.DiskRequest), ContractsJson.Default.DiskView, cancel);

    /// <summary>Removes images that nobody needs.</summary>
    public Task<PruneReply> PruneAsync(PruneRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, "images/prune", Body(request, ContractsJson.Default.PruneRequest), ContractsJson.Default.PruneReply, cancel);
}
