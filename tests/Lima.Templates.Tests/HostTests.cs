namespace Lima.Templates.Tests;

/// <summary>What is read from the host's own files.</summary>
public sealed class HostTests
{
    private static readonly string[] Files =
        ["/usr/share/zoneinfo", "/usr/share/zoneinfo/Etc/UTC", "/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/Antarctica/Troll", "/elsewhere/Troll"];

    [Theory]
    [InlineData("/usr/share/zoneinfo/Antarctica/Troll", "Antarctica/Troll")]
    [InlineData("/usr/share/zoneinfo/UTC", "UTC")]
    [InlineData("/usr/share/zoneinfo/Missing", null)]
    [InlineData("/elsewhere/Troll", null)]
    [InlineData("", null)]
    public void A_zone_is_named_by_the_path_of_its_file(string file, string? name) => Assert.Equal(name, HostZone.FromPath(file, Files.Contains));

    [Theory]
    [InlineData("Antarctica/Troll\n", null, "Antarctica/Troll")]
    [InlineData("Nowhere/None", "/usr/share/zoneinfo/UTC", "UTC")]
    [InlineData("\n", "/usr/share/zoneinfo/UTC", "UTC")]
    [InlineData(null, null, "")]
    [InlineData(null, "/elsewhere/Troll", "")]
    public void The_hosts_zone_is_in_one_of_two_places(string? timezone, string? localtime, string name) =>
        Assert.Equal(name, HostZone.Name(timezone, localtime, Files.Contains));

    [Fact]
    public void Without_zones_a_name_is_believed() => Assert.Equal("Europe/Paris", HostZone.Name("Europe/Paris", null, _ => false));

    [Fact]
    public void Networks_are_read_with_their_modes()
    {
        var modes = NetworkModes.Read("paths: {varRun: /x}\nnetworks:\n  mine: {mode: user-v2, gateway: 192.168.1.1}\n  shared: {mode: shared}\n", "networks.yaml", out var problem);
        Assert.Null(problem);
        Assert.Equal(["mine=user-v2", "shared=shared", "user-v2=user-v2"], modes.Select(mode => $"{mode.Key}={mode.Value}").Order(StringComparer.Ordinal));
        Assert.Empty(Given.Read(Given.Image + "networks: [{lima: mine}]", Given.Host with { Networks = modes }).Errors);
        Assert.Contains("not defined", Assert.Single(Given.Read(Given.Image + "networks: [{lima: host}]", Given.Host with { Networks = modes }).Errors).Message);
    }

    [Fact]
    public void Networks_that_cannot_be_read_are_the_usual_ones_and_a_problem()
    {
        Assert.Equal(HostFacts.UsualNetworks, NetworkModes.Read(null, "networks.yaml", out var none));
        Assert.Null(none);
        Assert.Equal(HostFacts.UsualNetworks, NetworkModes.Read("a: [", "networks.yaml", out var problem));
        Assert.Equal("networks.yaml", problem!.File);
    }
}
