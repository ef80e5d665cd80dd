using Lima.Templates.Networks;

namespace Lima.Templates.Tests;

public sealed class NetworksFileTests
{
    [Fact]
    public void The_default_has_Limas_networks()
    {
        var networks = NetworksFile.Read(NetworksFile.Default, "networks.yaml", out var problems)!;
        Assert.Empty(problems);
        Assert.Equal(
            ["bridged bridged - en0", "host host 192.168.106.1/24 -", "shared shared 192.168.105.1/24 -", "user-v2 user-v2 192.168.104.1/24 -"],
            networks.Select(n => $"{n.Name} {n.Mode} {n.Cidr ?? "-"} {n.Interface ?? "-"}"));
        Assert.Equal("192.168.106.254", networks.First(n => n.Name == "host").DhcpEnd);
    }

    [Theory]
    [InlineData("")]
    [InlineData("networks:\n")]
    [InlineData("networks: {}\n")]
    [InlineData("paths: {varRun: /x}\n")]
    public void Without_any_the_default_network_of_ones_own_is_there(string text)
    {
        var only = Assert.Single(NetworksFile.Read(text, "n", out _)!);
        Assert.Equal(("user-v2", "192.168.104.1/24"), (only.Name, only.Cidr));
    }

    [Fact]
    public void Adding_and_removing_keeps_comments_and_everything_else()
    {
        var with = NetworksFile.With(NetworksFile.Default, new NetworkDefinition("dev", "user-v2", "192.168.42.1", "255.255.0.0"));
        Assert.Equal("192.168.42.1/16", NetworksFile.Read(with, "n", out _)!.First(n => n.Name == "dev").Cidr);
        Assert.StartsWith(NetworksFile.Default.TrimEnd(), with, StringComparison.Ordinal);
        Assert.Equal(NetworksFile.Default, NetworksFile.Without(with, "dev"));
        Assert.Equal(with, NetworksFile.Without(with, "none"));
    }

    [Fact]
    public void Adding_works_on_an_empty_file_and_on_one_without_networks()
    {
        var dev = new NetworkDefinition("dev", "bridged", Interface: "en1");
        Assert.Equal("networks:\n  dev:\n    mode: bridged\n    interface: en1\n", NetworksFile.With("", dev));
        Assert.Equal(dev, NetworksFile.Read(NetworksFile.With("group: staff\nnetworks:\n", dev), "n", out _)!.First(n => n.Name == "dev"));
    }

    [Theory]
    [InlineData("networks: [a]\n", "must be a map")]
    [InlineData("just text\n", "must be a map")]
    [InlineData("networks:\n  a_b: {mode: other}\n", "mode of network `a_b` must be one of user-v2, host, shared, bridged, got `other`")]
    [InlineData("networks:\n  \"a b\": {mode: user-v2}\n", "network name `a b` is invalid")]
    [InlineData("networks:\n  a: {mode: user-v2, gateway: fe80::1}\n", "gateway of network `a` must be an IPv4 address, got `fe80::1`")]
    [InlineData("networks:\n  a: {mode: bridged, interface: \"en0 x\"}\n", "interface name `en0 x` is invalid")]
    [InlineData("networks: [\n", "")]
    public void Says_what_is_wrong(string text, string message)
    {
        Assert.Null(NetworksFile.Read(text, "networks.yaml", out var problems));
        var problem = Assert.Single(problems);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal("networks.yaml", problem.File);
    }
}
