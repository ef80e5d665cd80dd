using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>What listens on all addresses of a guest is forwarded by QEMU itself, with a host or without.</summary>
[Collection(ForwardingCollection.Name)]
public sealed class ForwardsByQemuTests(ForwardingVm vm)
{
    private int Qemu => Assert.Single(Processes.QemusOf(vm.Home.Path)).Pid;

    [ProductFact]
    public async Task Qemu_listens_on_IPv4_and_the_host_beside_it_on_IPv6()
    {
        await vm.RunningAsync();
        var port = Echo.FreePort();
        var serving = await vm.ServeAsync($"echo tcp 0.0.0.0 {port}");
        await Echo.AnswersAsync(Echo.Port(port));
        await Echo.AnswersAsync(new IPEndPoint(IPAddress.IPv6Loopback, port));

        var all = await OnceEachAsync(port);
        Assert.All(all, listening => Assert.True(listening.IsOf(listening.Address == "::1" ? vm.Home.HostPid : Qemu), $"another process listens on {listening.Address}"));

        var data = RandomNumberGenerator.GetBytes(16 << 20);
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(await Echo.ExchangeAsync(Echo.Port(port), data)));
        await vm.EndAsync(serving);
        await Echo.IsGoneAsync(Echo.Port(port));
        Assert.Empty(Listening.On(port));
    }

    [ProductFact]
    public async Task A_thousand_clients_at_once_are_all_served()
    {
        await vm.RunningAsync();
        var port = Echo.FreePort();
        var serving = await vm.ServeAsync($"echo tcp 0.0.0.0 {port}");
        await Echo.AnswersAsync(Echo.Port(port));
        var open = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Echo.OpenAsync(Echo.Port(port))));
        try
        {
            Assert.All(await Task.WhenAll(open.Select(Echo.AnswersOnceAsync)), Assert.True);
        }
        finally
        {
            foreach (var socket in open) socket.Dispose();
        }

        await vm.EndAsync(serving);
        await Echo.IsGoneAsync(Echo.Port(port));
    }

    [ProductFact]
    public async Task They_go_on_without_a_host_and_the_next_one_takes_them_over_and_leaves_none_behind()
    {
        await vm.RunningAsync();
        int stays = Echo.FreePort(), goes = Echo.FreePort();
        var serving = await vm.ServeAsync($"echo tcp 0.0.0.0 {stays}");
        var other = await vm.ServeAsync($"echo tcp 0.0.0.0 {goes}");
        await Echo.AnswersAsync(Echo.Port(stays));
        await Echo.AnswersAsync(Echo.Port(goes));
        using var open = await Echo.OpenAsync(Echo.Port(stays));

        await vm.Home.KillHostAsync();
        Assert.True(await Echo.AnswersOnceAsync(open));
        await Echo.AnswersAsync(Echo.Port(stays));
        // The kernel may close what the host had a moment after its end.
        for (var began = Stopwatch.StartNew(); Listening.On(stays).Any(listening => listening.Address == "::1"); await Task.Delay(100))
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(1), "the host's own listener is still there");
        // What ends while nobody looks is noticed by the next host.
        await vm.EndAsync(other);
        Assert.NotEmpty(Listening.On(goes));

        await vm.Cli.ListAsync();
        await Echo.IsGoneAsync(Echo.Port(goes));
        await Echo.AnswersAsync(new IPEndPoint(IPAddress.IPv6Loopback, stays));
        Assert.True(await Echo.AnswersOnceAsync(open));
        await OnceEachAsync(stays);

        await vm.EndAsync(serving);
        await Echo.IsGoneAsync(Echo.Port(stays));
        Assert.Empty(Listening.On(stays));
    }

    /// <summary>Who listens on the port: one on loopback, one on that of IPv6, one on the VM's own address.</summary>
    private async Task<IReadOnlyList<Listening>> OnceEachAsync(int port)
    {
        var own = (await vm.Cli.ShowAsync(ForwardingVm.Name)).LoopbackAddress;
        var expected = new[] { "127.0.0.1", "::1", own }.Order(StringComparer.Ordinal).ToList();
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var all = Listening.On(port);
            var found = all.Select(listening => listening.Address).Order(StringComparer.Ordinal).ToList();
            if (found.SequenceEqual(expected)) return all;
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(1), $"port {port}: {string.Join(' ', found)}");
        }
    }
}
