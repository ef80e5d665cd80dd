using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Lima.Contracts;
using Lima.Host.Tests.Support;
using Lima.Testing;

namespace Lima.Host.Tests.Api;

public sealed class DnsTests
{
    [Fact]
    public async Task Names_of_instances_are_served_when_that_is_wanted_and_by_the_next_host_too()
    {
        await using var host = await TestHost.StartedAsync();
        host.MakeDirectory("web");
        host.MakeDirectory("my.db_1");
        var view = await ViewAsync(host);
        Assert.Equal((0, false, "lima.internal"), (view.Port, view.Works, view.Domain));
        Assert.Equal(["my.db_1", "web"], view.Instances.Select(instance => instance.Instance));
        Assert.Equal(["my.db_1.lima.internal", "lima-my-db-1.internal"], view.Instances[0].Names);
        var address = view.Instances[1].Address!;
        Assert.StartsWith("127.", address, StringComparison.Ordinal);

        var port = await EnableAsync(host);
        Assert.Equal($"1 0; WEB.lima.internal. 5 1 {address}", await AskAsync(port, "WEB.lima.internal"));
        Assert.Equal($"1 0; lima-web.internal. 5 1 {address}", await AskAsync(port, "lima-web.internal"));
        Assert.Equal("1 3", await AskAsync(port, "none.lima.internal"));
        Assert.Equal("1 5", await AskAsync(port, "example.org"));

        await host.StopAsync();
        await host.StartAsync();
        view = await ViewAsync(host);
        Assert.Equal(port, view.Port);
        // It may be held by a program that another test is just starting.
        await Eventually.TrueAsync(async () => (await ViewAsync(host)).Problem is null);
        Assert.Equal($"1 0; web.lima.internal. 5 1 {address}", await AskAsync(port, "web.lima.internal"));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, 0)).Status);
        Assert.Equal(0, (await ViewAsync(host)).Port);
        await Eventually.TrueAsync(() => IsFree(port));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_refused_and_one_that_is_taken_meanwhile_is_had_when_it_is_free()
    {
        await using var host = await TestHost.StartedAsync();
        var thief = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)thief.Client.LocalEndPoint!).Port;
        var refused = await PostAsync(host, port);
        Assert.Equal((HttpStatusCode.Conflict, "port-in-use"), (refused.Status, ApiClient.Error(refused.Body).Code));
        Assert.Contains($"port {port} on 127.0.0.1", ApiClient.Error(refused.Body).Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(host, 70000)).Status);
        Assert.Equal(0, (await ViewAsync(host)).Port);

        await host.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(host.Home.HostDirectory, "dns-port"), $"{port}\n");
        await host.StartAsync();
        Assert.Contains("another program has it", (await ViewAsync(host)).Problem, StringComparison.Ordinal);
        thief.Dispose();
        await Eventually.TrueAsync(async () => (await ViewAsync(host)).Problem is null);
        Assert.Equal("1 0; host.lima.internal. 5 1 127.0.0.1", await AskAsync(port, "host.lima.internal"));
    }

    private static Task<DnsView> ViewAsync(TestHost host) => host.Api.GetAsync("/v1/dns", ContractsJson.Default.DnsView);

    private static Task<(HttpStatusCode Status, string Body)> PostAsync(TestHost host, int port) =>
        host.Api.SendAsync(HttpMethod.Post, "/v1/dns", JsonSerializer.Serialize(new DnsRequest { Port = port }, ContractsJson.Default.DnsRequest));

    // A port that is free for UDP need not be so for TCP, or a moment later.
    private static async Task<int> EnableAsync(TestHost host)
    {
        var port = 0;
        await Eventually.TrueAsync(async () => (await PostAsync(host, port = FreePort())).Status == HttpStatusCode.OK);
        return port;
    }

    private static async Task<string> AskAsync(int port, string name)
    {
        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, port);
        await client.SendAsync(DnsQuestion.Of(name));
        return DnsQuestion.Show((await client.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(60))).Buffer);
    }

    private static int FreePort()
    {
        using var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.Client.LocalEndPoint!).Port;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
