using System.Text;
using Lima.Cli.Client;
using Lima.Cli.Output;
using Lima.Cli.Templates;

namespace Lima.Cli.Tests;

public sealed class OutputTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\e[1;31mred\e[0m", "red")]
    [InlineData("\e]0;title\a", "\\x1b]0;title\\x07")]
    [InlineData("a\tb", "a b")]
    [InlineData("\u202etxt", "\\u202etxt")]
    [InlineData("\u009b31m", "\\x9b31m")]
    [InlineData("é€", "é€")]
    public void Untrusted_text_cannot_steer_a_terminal(string text, string expected) => Assert.Equal(expected, Printable.Line(text));

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1023, "1023B")]
    [InlineData(512L << 20, "512MiB")]
    [InlineData(3L << 29, "1.5GiB")]
    [InlineData(100L << 30, "100GiB")]
    public void Sizes_are_short(long bytes, string expected) => Assert.Equal(expected, Sizes.Text(bytes));

    [Theory]
    [InlineData("10m", 600)]
    [InlineData("90s", 90)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5s", 1.5)]
    [InlineData("250ms", 0.25)]
    public void Go_durations_are_read(string text, double seconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("5x")]
    [InlineData("-5s")]
    [InlineData("0s")]
    [InlineData("1..5s")]
    [InlineData("99999999h")]
    public void Other_durations_are_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData("template:default", "default")]
    [InlineData("template:experimental/vnc", "vnc")]
    [InlineData("./My.Box.yaml", "my.box")]
    [InlineData("https://example.com/a/dev.yml?raw=1", "dev")]
    [InlineData("template:ubuntu-24.04", "ubuntu-24.04")]
    [InlineData("./-.yaml", null)]
    public void Names_come_from_locators(string locator, string? expected) => Assert.Equal(expected, TemplateFinder.NameFrom(locator));

    [Fact]
    public async Task Server_sent_events_are_read_by_their_rules()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(": hi\n\nevent: vm\nid: 5\ndata: {\"a\":\ndata: 1}\n\ndata:x\n\nevent: cut\ndata: y\n"));
        var events = new List<ServerEvent>();
        await foreach (var item in ServerEvents.ReadAsync(stream, CancellationToken.None)) events.Add(item);
        Assert.Equal([new ServerEvent("vm", "{\"a\":\n1}", "5"), new ServerEvent("message", "x", null)], events);
    }

    [Fact]
    public void A_table_is_as_wide_as_its_widest_cells() =>
        Assert.Equal("A           B\nlonger      x\nx           longest\n", Table.Format([["A", "B"], ["longer  ", "x"], ["x", "longest"]]));

    [Theory]
    [InlineData("lsit", "list")]
    [InlineData("sart", "start")]
    [InlineData("completely", null)]
    public void Mistyped_words_find_their_neighbour(string typed, string? expected) =>
        Assert.Equal(expected, Similar.Best(typed, ["list", "start", "stop", "shell"]));
}
