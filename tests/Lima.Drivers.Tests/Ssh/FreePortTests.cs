using System.Net;
using System.Net.Sockets;
using Lima.Domain.Vms;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Tests.Ssh;

public sealed class FreePortTests
{
    private static readonly VmName Name = VmName.Parse("my-vm");

    [Fact]
    public void A_chosen_port_can_be_listened_on()
    {
        using var listener = new TcpListener(IPAddress.Loopback, FreePort.Choose());
        listener.Start();
        Assert.True(listener.Server.IsBound);
    }

    [Fact]
    public void A_port_given_out_already_is_not_chosen()
    {
        var all = Enumerable.Range(1, 65535).ToHashSet();
        Assert.Equal("port-none", Assert.Throws<DriverException>(() => FreePort.Choose(all)).Cause.Code);
        var chosen = Enumerable.Range(0, 20).Aggregate(new HashSet<int>(), (taken, _) => [.. taken, FreePort.Choose(taken)]);
        Assert.Equal(20, chosen.Count);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public void A_taken_port_is_named_with_a_way_out(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var failure = Assert.Throws<DriverException>(() => FreePort.Require(port, Name));
        Assert.Equal("port-in-use", failure.Cause.Code);
        Assert.Contains($"port {port}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("`my-vm`", failure.Message, StringComparison.Ordinal);
        Assert.Contains("ssh.localPort", failure.Cause.Hint, StringComparison.Ordinal);
        Assert.False(FreePort.IsFree(port));
        listener.Stop();
        FreePort.Require(port, Name);
        Assert.True(FreePort.IsFree(port));
    }
}
