using System.Diagnostics;
using System.Text.Json;
using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Guests on a network between them: two on one, a third on another.</summary>
public sealed class NetworkTests(LimaHome home) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(8), Patience = TimeSpan.FromSeconds(90);
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task Guests_of_one_network_reach_each_other_by_name_whatever_happens_to_the_host()
    {
        (await _cli.RunAsync("network", "create", "apart", "--gateway=192.168.77.1/24")).Ok();
        await StartAsync("na", "user-v2");
        await StartAsync("nb", "user-v2");
        await StartAsync("nc", "apart");
        var addresses = await AddressesAsync();
        Assert.Equal(("192.168.104.3", "192.168.104.4", "192.168.77.3"), (addresses["na"], addresses["nb"], addresses["nc"]));
        await UntilAsync("na", "/bin/busybox ip addr show lima0", "inet 192.168.104.3/24");
        await UntilAsync("nb", "/bin/busybox ip addr show lima0", "inet 192.168.104.4/24");
        await UntilAsync("nc", "/bin/busybox ip addr show lima0", "inet 192.168.77.3/24");

        await BothServePort80Async();
        await TheThirdIsApartAsync();
        await UsersAreShownAndKeepTheirNetworkAsync();
        await AConnectionOutlivesTheHostAsync();
        await ARestartKeepsTheAddressAsync();
    }

    private async Task BothServePort80Async()
    {
        foreach (var name in (string[])["na", "nb"])
            await _cli.GuestAsync(name, "sudo", "sh", "-c", "busybox nc -ll -p 80 -e hostname </dev/null >/dev/null 2>&1 &");
        foreach (var (from, to) in ((string, string)[])[("na", "nb"), ("nb", "na")])
        {
            foreach (var target in (string[])[$"lima-{to}.internal", $"{to}.lima.internal", to])
                await UntilAsync(from, $"busybox nc -w 5 {target} 80 </dev/null", $"lima-{to}");
        }

        await UntilAsync("na", "sudo ping -c 1 -W 5 lima-nb.internal", "1 packets received");
        await UntilAsync("na", "busybox nc -w 5 192.168.104.4 80 </dev/null", "lima-nb");
        // The way out is where it was, and names of the world come over the network's gateway.
        Assert.Contains("default via 192.168.5.2 dev eth0", await _cli.GuestAsync("na", "/bin/busybox", "ip", "route"));
        await UntilAsync("na", "getent hosts host.lima.internal", "192.168.5.2");
    }

    private async Task TheThirdIsApartAsync()
    {
        Assert.Contains("nothing", await _cli.GuestAsync("nc", "sh", "-c", "getent hosts lima-na.internal || echo nothing"));
        Assert.DoesNotContain("lima-na", await _cli.GuestAsync("nc", "sh", "-c", "busybox nc -w 5 192.168.104.3 80 </dev/null 2>&1 || true"));
        await UntilAsync("nc", "sudo ping -c 1 -W 5 192.168.77.2", "1 packets received");
    }

    private async Task UsersAreShownAndKeepTheirNetworkAsync()
    {
        Assert.Contains("na=192.168.104.3,nb=192.168.104.4", (await _cli.RunAsync("network", "list", "user-v2")).Ok());
        using var apart = JsonDocument.Parse((await _cli.RunAsync("network", "list", "--json", "apart")).Ok());
        Assert.Equal("192.168.77.2", apart.RootElement.GetProperty("gatewayAddress").GetString());
        (await _cli.RunAsync("network", "delete", "--force", "apart")).Fails(1, "cannot delete network `apart` in use by instance `nc`");
        Assert.DoesNotContain(await _cli.ListAsync(), instance => instance.Degraded is not null);
    }

    /// <summary>While there is no host frames are lost; the guests try again, and go on when the next one is there.</summary>
    private async Task AConnectionOutlivesTheHostAsync()
    {
        await _cli.GuestAsync("nb", "sh", "-c", "busybox nc -ll -p 7000 -e cat </dev/null >/dev/null 2>&1 &");
        await _cli.GuestAsync(
            "na", "sh", "-c",
            "mkfifo /tmp/in; { sleep 100000 >/tmp/in & } </dev/null >/dev/null 2>&1; busybox nc lima-nb.internal 7000 </tmp/in >/tmp/out 2>/tmp/error &");
        await UntilAsync("na", "echo one >/tmp/in; cat /tmp/out", "one");
        await home.KillHostAsync();
        // By SSH alone, which needs no host.
        await _cli.GuestAsync("na", "sh", "-c", "echo two >/tmp/in");
        Assert.Equal(0, home.HostPid);
        Assert.DoesNotContain("two", await _cli.GuestAsync("na", "cat", "/tmp/out"));
        await _cli.ListAsync();
        await UntilAsync("na", "cat /tmp/out", "two");
        await UntilAsync("na", "echo three >/tmp/in; cat /tmp/out", "three");
        Assert.Equal("", await _cli.GuestAsync("na", "cat", "/tmp/error"));
    }

    private async Task ARestartKeepsTheAddressAsync()
    {
        (await _cli.RunAsync(StartLimit, "restart", "na")).Ok();
        Assert.Equal("192.168.104.3", (await AddressesAsync())["na"]);
        await UntilAsync("na", "/bin/busybox ip addr show lima0", "inet 192.168.104.3/24");
        await UntilAsync("na", "busybox nc -w 5 lima-nb.internal 80 </dev/null", "lima-nb");
    }

    private async Task StartAsync(string name, string network)
    {
        var file = home[name + ".yaml"];
        await File.WriteAllTextAsync(file, $"base: template:tiny\nnetworks:\n- lima: {network}\n");
        (await _cli.RunAsync(StartLimit, "start", "--tty=false", $"--name={name}", file)).Ok();
    }

    private async Task<Dictionary<string, string?>> AddressesAsync() =>
        (await _cli.ListAsync()).ToDictionary(instance => instance.Name, instance => Assert.Single(instance.Network!).Address);

    /// <summary>Runs a command in a guest until its output is as wanted.</summary>
    private async Task UntilAsync(string name, string command, string wanted)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            var ran = await _cli.RunAsync("shell", name, "sh", "-c", command);
            if (ran.Out.Contains(wanted, StringComparison.Ordinal)) return;
            Assert.True(began.Elapsed < Patience, $"`{command}` in {name} does not say `{wanted}`: {ran}");
            await Task.Delay(500);
        }
    }
}
