using Lima.Domain.PortForwarding;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class PrivilegedPortsTests
{
    [Theory]
    [InlineData("1024\n", 1024)]
    [InlineData("80\n", 80)]
    [InlineData("0", 0)]
    [InlineData(null, 1024)]
    [InlineData("", 1024)]
    [InlineData("many", 1024)]
    [InlineData("-1", 1024)]
    [InlineData("99999999999", 1024)]
    public void What_the_kernel_says_counts_and_what_it_does_not_say_is_as_usual(string? setting, int expected) =>
        Assert.Equal(expected, PrivilegedPorts.FirstFree(setting));

    [Fact]
    public void The_ways_out_name_the_port_and_the_first_that_is_free()
    {
        Assert.Equal("port 80 of the host is privileged (below 443), and lima-host may not listen on it", PrivilegedPorts.Message(80, 443));
        Assert.Contains("`sudo sysctl net.ipv4.ip_unprivileged_port_start=80`", PrivilegedPorts.Hint(80, 443), StringComparison.Ordinal);
        Assert.Contains("from 443 on", PrivilegedPorts.Hint(80, 443), StringComparison.Ordinal);
    }
}
