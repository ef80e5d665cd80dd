using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Tests.PortForwarding;

public sealed class QemuRuleTests
{
    private const string Answer = """
        Hub -1 (other0):
          Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
          TCP[HOST_FORWARD]  12       127.0.0.1  7000       10.0.2.15  7000     0     0
        Hub -1 (net0):
          Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
          TCP[HOST_FORWARD]  50       192.0.2.2 19022    192.168.5.15  9000     0     0
          TCP[HOST_FORWARD]  48               * 19020    192.168.5.15  9001     0     0
          TCP[ESTABLISHED]   42       127.0.0.1 34671    192.168.5.15    22     0     0
          TCP[HOST_FORWARD]  17       127.0.0.1 34671    192.168.5.15    22     0     0
          UDP[HOST_FORWARD]  44       127.0.0.1 19006    192.168.5.15  9006     0     0

        """;

    [Fact]
    public void The_list_of_the_monitor_is_read_but_not_ssh_and_not_other_networks() => Assert.Equal(
        [new(new QemuRule("192.0.2.2", 19022, 9000), 50), new(new QemuRule("0.0.0.0", 19020, 9001), 48)],
        QemuRule.All(Answer.ReplaceLineEndings("\r\n"))!);

    [Fact]
    public void A_network_without_rules_is_one_and_no_network_is_none()
    {
        Assert.Empty(QemuRule.All("Hub -1 (net0):\r\n  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r\n")!);
        Assert.Null(QemuRule.All(""));
        Assert.Null(QemuRule.All("Hub -1 (other0):\r\n"));
    }

    [Fact]
    public void Commands_are_the_monitors()
    {
        var rule = new QemuRule("127.0.0.1", 8080, 80);
        Assert.Equal(("hostfwd_add net0 tcp:127.0.0.1:8080-:80", "hostfwd_remove net0 tcp:127.0.0.1:8080"), (rule.Add, rule.Remove));
    }

    [Theory]
    [InlineData("127.0.0.1", 80, true)]
    [InlineData("0.0.0.0", 80, true)]
    [InlineData("127.0.0.2", 80, false)]
    [InlineData("127.0.0.1", 81, false)]
    public void All_addresses_are_in_the_way_of_each(string ip, int port, bool isInTheWay) =>
        Assert.Equal(isInTheWay, new QemuRule("127.0.0.1", 80, 1).IsInTheWayOf(ip, port));
}
