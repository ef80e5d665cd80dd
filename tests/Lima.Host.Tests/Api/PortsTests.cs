using System.Net;
using System.Text.Json;
using Lima.Contracts;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Host.Tests.Support;

namespace Lima.Host.Tests.Api;

/// <summary>Forwards of running and of stopped instances, over the real socket.</summary>
public sealed class PortsTests
{
    private const string Rules = "portForwards:\n# the database\n- guestPort: 5432 # as usual\n  hostPort: 15432\n- guestPort: 80\n  hostPort: 8080\n  static: true\n";

    [Fact]
    public async Task A_rule_holds_at_once_is_listed_and_ends_with_the_machine()
    {
        await using var host = await RunningAsync();
        await ChangeAsync(host, "add", save: false, "9090:90", "auto:91");
        host.Ports.Of("web")!.Says(1, true, new GuestListener(PortProtocol.Tcp, "127.0.0.1", 90));
        var forward = await ListedAsync(host, f => f is { Rule: "9090:90", State: "forwarding", Own: false });
        Assert.Equal(("tcp", "127.0.0.1:90", "127.0.0.1:9090", "fake"), (forward.Protocol, forward.GuestAddress, forward.HostAddress, forward.Path));
        Assert.Equal("127.0.0.1:auto", (await ListedAsync(host, f => f is { Rule: "auto:91", State: "waiting" })).HostAddress);
        var own = await ListedAsync(host, f => f is { Own: true, GuestAddress: "127.0.0.1:90" });
        var instance = await host.Api.InstanceAsync("web");
        Assert.Equal($"{instance.LoopbackAddress}:90", own.HostAddress);
        Assert.Contains(instance.Forwards!, f => f.Rule == "9090:90");
        await host.Api.AllAsync($"/v1/instances/web/follow?after={(await host.Api.AcceptedAsync("web", "stop", force: true)).After}");
        Assert.Null((await host.Api.InstanceAsync("web")).Forwards);
        Assert.Equal(["15432:5432", "8080:80,static=true"], (await ListAsync(host)).Forwards.Select(f => f.Rule));
    }

    [Fact]
    public async Task A_rule_of_the_configuration_is_taken_away_for_now_and_one_that_is_automatic_is_not_forwarded_until_it_is_given_again()
    {
        await using var host = await RunningAsync();
        host.Ports.Of("web")!.Says(1, true, new GuestListener(PortProtocol.Tcp, "0.0.0.0", 7000));
        await ListedAsync(host, f => f is { GuestAddress: "0.0.0.0:7000", State: "forwarding", Own: false });
        await ChangeAsync(host, "remove", save: false, "8080", "7000");
        await ListedAsync(host, f => f.State == "ignored");
        var now = await ListAsync(host);
        Assert.Equal(["waiting", "ignored"], now.Forwards.Select(f => f.State));
        await ChangeAsync(host, "add", save: false, "7000");
        await ListedAsync(host, f => f is { GuestAddress: "0.0.0.0:7000", State: "forwarding" });
        Assert.Equal(Rules, (await TextAsync(host))[^Rules.Length..]);
    }

    [Fact]
    public async Task What_is_saved_is_written_before_the_others_and_comments_stay()
    {
        await using var host = await RunningAsync();
        await ChangeAsync(host, "add", save: true, "0.0.0.0:9090:90/tcp", "/run/a.sock:/g.sock,reverse=true");
        await Eventually.TrueAsync(async () => (await TextAsync(host)).Contains("9090", StringComparison.Ordinal));
        var text = await TextAsync(host);
        Assert.Contains("# the database", text, StringComparison.Ordinal);
        Assert.Contains("# as usual", text, StringComparison.Ordinal);
        await host.Api.AllAsync($"/v1/instances/web/follow?after={(await host.Api.AcceptedAsync("web", "stop", force: true)).After}");
        Assert.Equal(
            ["0.0.0.0:9090:90/tcp", "/run/a.sock:/g.sock,reverse=true", "15432:5432", "8080:80,static=true"], (await ListAsync(host)).Forwards.Select(f => f.Rule));
    }

    [Fact]
    public async Task What_is_removed_and_saved_is_no_longer_written()
    {
        await using var host = await RunningAsync();
        await ChangeAsync(host, "remove", save: true, "15432");
        await Eventually.TrueAsync(async () => !(await TextAsync(host)).Contains("15432", StringComparison.Ordinal));
        Assert.Contains("hostPort: 8080", await TextAsync(host), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_stopped_is_changed_by_its_configuration_alone()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web", ApiClient.Yaml + Rules);
        Assert.Contains("`--save`", (await RefusedAsync(host, "add", HttpStatusCode.Conflict, "9090:90")).Hint, StringComparison.Ordinal);
        await ChangeAsync(host, "add", save: true, "9090:90");
        await ChangeAsync(host, "remove", save: true, "8080");
        await Eventually.TrueAsync(async () => (await ListAsync(host)).Forwards.Select(f => f.Rule).SequenceEqual(["9090:90", "15432:5432"]));
    }

    [Fact]
    public async Task The_same_id_again_changes_nothing_and_what_makes_no_sense_is_told_whole()
    {
        await using var host = await RunningAsync();
        await ChangeAsync(host, "add", save: false, "c-1", ["9090:90"]);
        Assert.False((await ChangeAsync(host, "remove", save: false, "c-1", ["9090:90"])).Changed);
        await ListedAsync(host, f => f.Rule == "9090:90");
        var wrong = await RefusedAsync(host, "add", HttpStatusCode.BadRequest, "x", "2222:22");
        Assert.Contains("`x` is no forward", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("`2222:22` is no forward", wrong.Message, StringComparison.Ordinal);
        Assert.Equal("instance `web` has no forward `1`, `2`", (await RefusedAsync(host, "remove", HttpStatusCode.NotFound, "1", "2")).Message);
        await RefusedAsync(host, "add", HttpStatusCode.BadRequest);
        Assert.Contains("`auto`", (await RefusedAsync(host, "add", HttpStatusCode.BadRequest, save: true, "auto:80")).Message, StringComparison.Ordinal);
        var (status, _) = await SendAsync(host, "none", "add", new PortsRequest { CommandId = "c", Ports = ["80"] });
        Assert.Equal(HttpStatusCode.NotFound, status);
    }

    private static async Task<TestHost> RunningAsync()
    {
        var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web", ApiClient.Yaml + Rules);
        var start = await host.Api.AcceptedAsync("web", "start");
        await host.Api.AllAsync($"/v1/instances/web/follow?after={start.After}");
        await Eventually.TrueAsync(() => host.Ports.Of("web") is not null);
        host.Ports.Of("web")!.Says(1, true);
        return host;
    }

    private static Task<Accepted> ChangeAsync(TestHost host, string verb, bool save, params string[] ports) =>
        ChangeAsync(host, verb, save, Guid.NewGuid().ToString(), ports);

    private static async Task<Accepted> ChangeAsync(TestHost host, string verb, bool save, string id, string[] ports)
    {
        var (status, body) = await SendAsync(host, "web", verb, new PortsRequest { CommandId = id, Ports = ports, Save = save });
        Assert.True(status == HttpStatusCode.Accepted, $"{status} {body}");
        var accepted = JsonSerializer.Deserialize(body, ContractsJson.Default.Accepted)!;
        await host.Api.AllAsync($"/v1/instances/web/follow?after={accepted.After}");
        await Eventually.TrueAsync(async () => !(await ListAsync(host)).Pending);
        return accepted;
    }

    private static Task<ErrorView> RefusedAsync(TestHost host, string verb, HttpStatusCode expected, params string[] ports) => RefusedAsync(host, verb, expected, save: false, ports);

    private static async Task<ErrorView> RefusedAsync(TestHost host, string verb, HttpStatusCode expected, bool save, params string[] ports)
    {
        var (status, body) = await SendAsync(host, "web", verb, new PortsRequest { CommandId = Guid.NewGuid().ToString(), Ports = ports, Save = save });
        Assert.True(status == expected, $"{status} {body}");
        return ApiClient.Error(body);
    }

    private static Task<(HttpStatusCode Status, string Body)> SendAsync(TestHost host, string name, string verb, PortsRequest request) =>
        host.Api.SendAsync(HttpMethod.Post, $"/v1/instances/{name}/ports/{verb}", JsonSerializer.Serialize(request, ContractsJson.Default.PortsRequest));

    private static Task<PortList> ListAsync(TestHost host) => host.Api.GetAsync("/v1/instances/web/ports", ContractsJson.Default.PortList);

    private static async Task<PortView> ListedAsync(TestHost host, Func<PortView, bool> which)
    {
        PortView? found = null;
        await Eventually.TrueAsync(async () => (found = (await ListAsync(host)).Forwards.FirstOrDefault(which)) is not null);
        return found!;
    }

    private static Task<string> TextAsync(TestHost host) => File.ReadAllTextAsync(Path.Combine(host.Home.Path, "web/lima.yaml"));
}
