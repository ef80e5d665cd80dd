using Lima.Drivers.Progress;

namespace Lima.Drivers.Tests.Progress;

/// <summary>Lines of a guest, which may write whatever it likes.</summary>
public sealed class GuestReportTests
{
    [Theory]
    [InlineData("LIMA1 1.5 phase network", 1.5, GuestReportKind.Phase, "network")]
    [InlineData("LIMA1 2 line a  b c ", 2, GuestReportKind.Line, "a  b c ")]
    [InlineData("LIMA1 3.25 ssh", 3.25, GuestReportKind.Ssh, "")]
    [InlineData("LIMA1 3.25 ssh\r", 3.25, GuestReportKind.Ssh, "")]
    [InlineData("LIMA1 0 warn boot script failed\r", 0, GuestReportKind.Warn, "boot script failed")]
    [InlineData("LIMA1 9 ready iid-1", 9, GuestReportKind.Ready, "iid-1")]
    [InlineData("LIMA1 9 line \u00fcber \ud83d\udc27", 9, GuestReportKind.Line, "\u00fcber \ud83d\udc27")]
    [InlineData("LIMA1 9 line \u001b[2J\u0007\u009b31m\0x", 9, GuestReportKind.Line, " [2J  31m x")]
    [InlineData("LIMA1 9 line a\u202eb\u2028c\u200bd", 9, GuestReportKind.Line, "a b c d")]
    public void What_is_a_report(string line, double uptime, GuestReportKind kind, string text) =>
        Assert.Equal(new GuestReport(uptime, kind, text), GuestReport.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("LIMA1")]
    [InlineData("LIMA1 1.5")]
    [InlineData("LIMA2 1.5 phase x")]
    [InlineData("lima1 1.5 phase x")]
    [InlineData(" LIMA1 1.5 phase x")]
    [InlineData("LIMA1 -1 phase x")]
    [InlineData("LIMA1 NaN phase x")]
    [InlineData("LIMA1 Infinity phase x")]
    [InlineData("LIMA1 1e5 phase x")]
    [InlineData("LIMA1 1,5 phase x")]
    [InlineData("LIMA1  phase x")]
    [InlineData("LIMA1 1.5 PHASE x")]
    [InlineData("LIMA1 1.5 exec rm")]
    [InlineData("LIMA1 1.5 phase\0")]
    [InlineData("\0\0\0LIMA1 1.5 phase x")]
    public void What_is_none(string line) => Assert.Null(GuestReport.Parse(line));

    [Fact]
    public void Numbers_beyond_all_bounds_are_none() => Assert.Null(GuestReport.Parse($"LIMA1 {new string('9', 500)} phase x"));

    [Fact]
    public void A_long_line_is_cut()
    {
        var report = GuestReport.Parse("LIMA1 1 line " + new string('x', 100_000));
        Assert.Equal(GuestReport.LineMax - "LIMA1 1 line ".Length, report!.Text.Length);
    }

    /// <summary>Halves of characters cannot stand in an attribute.</summary>
    [Fact]
    public void Halves_of_characters_become_blanks() =>
        Assert.Equal(" x ", GuestReport.Parse("LIMA1 9 line \ud800x\udc00")?.Text);
}
