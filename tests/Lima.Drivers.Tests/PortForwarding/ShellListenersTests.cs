using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Tests.PortForwarding;

public sealed class ShellListenersTests
{
    [Theory]
    [InlineData("P1 1 t00000000:0016", "TCP 0.0.0.0:22")]
    [InlineData("P1 1 t0100007F:1F90 u0F05A8C0:0035", "TCP 127.0.0.1:8080|UDP 192.168.5.15:53")]
    [InlineData("P1 7 t00000000000000000000000000000000:0050", "TCP [::]:80")]
    [InlineData("P1 7 t00000000000000000000000001000000:0050", "TCP [::1]:80")]
    [InlineData("P1 7 t0000000000000000FFFF00000100007F:0050", "TCP 127.0.0.1:80")]
    [InlineData("P1 7 tB80D01200000000000000000010000FF:0050", "TCP [2001:db8::ff00:1]:80")]
    [InlineData("P1 2", "")]
    [InlineData("P1 2 t0100007F:0050 t0100007F:0050", "TCP 127.0.0.1:80")]
    [InlineData("P1 2 x0100007F:0050 t0100007F:0 t0100007F:0000 tZZ00007F:0050 t:0050 t0100007F u t0100007F:-050", "")]
    public void A_line_says_all_that_listens(string line, string expected) =>
        Assert.Equal(expected, string.Join('|', ShellListeners.Parse(line)!.Value));

    [Theory]
    [InlineData("")]
    [InlineData("P1")]
    [InlineData("P1 0")]
    [InlineData("P1 x t0100007F:0050")]
    [InlineData("P1 -1 t0100007F:0050")]
    [InlineData("P2 1 t0100007F:0050")]
    [InlineData("Welcome to the guest")]
    public void Any_other_line_says_nothing(string line) => Assert.Null(ShellListeners.Parse(line));

    [Fact]
    public void A_flood_is_cut()
    {
        var line = "P1 1 " + string.Join(' ', Enumerable.Range(1, 10_000).Select(port => $"t0100007F:{port:X4}"));
        Assert.Equal(ShellListeners.ListenersMax, ShellListeners.Parse(line)!.Value.Length);
    }
}
