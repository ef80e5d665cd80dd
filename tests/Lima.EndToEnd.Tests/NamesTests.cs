using System.Net.Sockets;
using Lima.EndToEnd.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>Names in a guest, and of a guest.</summary>
public sealed class NamesTests(LimaHome home, ITestOutputHelper output) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(5);

    [ProductFact]
    public async Task A_guest_finds_the_users_names_follows_the_workstations_servers_and_survives_the_host()
    {
        var resolvConf = home["resolv.conf"];
        await File.WriteAllTextAsync(resolvConf, "nameserver 127.7.53.1\n");
        var cli = home.Cli.With("LIMA_RESOLV_CONF", resolvConf);
        await File.WriteAllTextAsync(home["names.yaml"], $"base: template:tiny\n{GuestNames.Hosts}");
        (await cli.RunAsync(Patient, "start", "--tty=false", "--name=n1", home["names.yaml"])).Ok();
        await GuestSettings.NoneFailedAsync(cli, "n1");
        await GuestNames.AreFoundAsync(cli, "n1");

        // Names of the guest for programs of this machine.
        var port = Echo.FreePort();
        Assert.Contains($"127.0.0.1:{port}", (await cli.RunAsync("dns", "enable", "--port", $"{port}")).Error, StringComparison.Ordinal);
        Assert.Matches("(?m)^n1 +127\\.[0-9.]+ +n1\\.lima\\.internal ", (await cli.RunAsync("dns")).Ok());

        await home.KillHostAsync();
        await cli.ListAsync();
        await GuestNames.AreFoundAsync(cli, "n1");
        await FollowAsync(cli, resolvConf);
        (await cli.RunAsync("stop", "-f", "n1")).Ok();
    }

    private async Task FollowAsync(Limactl cli, string resolvConf)
    {
        try
        {
            using var before = Server("127.7.53.1", "before");
            using var after = Server("127.7.53.2", "after");
            Assert.Contains("\"before\"", await TextAsync(cli, "one.test"), StringComparison.Ordinal);
            await File.WriteAllTextAsync(resolvConf, "nameserver 127.7.53.2\n");
            Assert.Contains("\"after\"", await TextAsync(cli, "two.test"), StringComparison.Ordinal);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AccessDenied or SocketError.AddressAlreadyInUse)
        {
            output.WriteLine("SKIP: port 53 of 127.7.53.1 and 127.7.53.2 cannot be had");
            Console.WriteLine("SKIP: port 53 of 127.7.53.1 and 127.7.53.2 cannot be had");
        }
    }

    private static LoopbackNameServer Server(string address, string text) => new(
        (question, _) => DnsQuestion.Reply(question, DnsQuestion.Record(16, [(byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)])), address, 53);

    private static Task<string> TextAsync(Limactl cli, string name) => cli.GuestAsync("n1", "nslookup", "-type=txt", name);
}
