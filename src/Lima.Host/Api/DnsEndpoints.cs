using System.Net;
using System.Net.Sockets;
using Lima.Actors.PortForwarding;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Names;
using Lima.Drivers;
using Lima.Drivers.Names;
using Lima.Host.Names;

namespace Lima.Host.Api;

/// <summary>Names of instances on this machine.</summary>
internal sealed class DnsEndpoints(HostZone zone, VmReadModel model, VmAddresses addresses, UpstreamServers upstream, IHostNames names, HomeWatch watch)
{
    private static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(5);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/dns", (CancellationToken cancel) => GetAsync(cancel));
        app.MapPost("/v1/dns", (DnsRequest body, CancellationToken cancel) => SetAsync(body, cancel));
    }

    private async Task<IResult> GetAsync(CancellationToken cancel)
    {
        await watch.RescanIfChangedAsync();
        zone.TryAgain();
        return await ViewAsync(cancel);
    }

    private async Task<IResult> SetAsync(DnsRequest body, CancellationToken cancel)
    {
        if (body.Port is < 0 or > ushort.MaxValue) return Replies.Error("invalid", $"{body.Port} is no port", "use a number from 1 to 65535, or 0 for none");
        await watch.RescanIfChangedAsync();
        try
        {
            zone.Set(body.Port);
        }
        catch (DriverException e)
        {
            return Replies.Error(Replies.Of(e));
        }

        return await ViewAsync(cancel);
    }

    private async Task<IResult> ViewAsync(CancellationToken cancel) => Replies.Ok(new DnsView
    {
        Domain = VmZone.Domain,
        Port = zone.Port,
        Problem = zone.Problem,
        Works = zone is { Port: > 0, Problem: null } && await WorksAsync(cancel),
        Instances = [.. model.Views.Keys.Select(name => new DnsInstance(name, VmZone.NamesOf(name), addresses.Of(name) is { Length: > 0 } own ? own : null))],
        File = upstream.File,
        Servers = [.. upstream.Servers.Select(server => server.ToString())],
    });

    /// <summary>As any program of this machine would find it.</summary>
    private async Task<bool> WorksAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(LookUpLimit);
        try
        {
            return await names.AddressesAsync(NameTable.Host, AddressFamily.InterNetwork, limit.Token) is { } found && found.Contains(IPAddress.Loopback);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
