using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class LiveRulesTests
{
    // What was done (+ gives a rule, - takes it away), over which configuration, and the rules that count then.
    [Theory]
    [InlineData("", "8080:80", "8080:80")]
    [InlineData("+9090:90", "8080:80", "9090:90 8080:80")]
    [InlineData("+9090:90 +9091:91", "8080:80", "9091:91 9090:90 8080:80")]
    [InlineData("+9090:90 -9090:90", "8080:80", "8080:80")]
    [InlineData("-8080:80", "8080:80 9090:90", "9090:90")]
    [InlineData("-8080:80 +8080:80", "8080:80", "8080:80 8080:80")]
    [InlineData("+9090:90 +9091:91 +9090:90", "", "9090:90 9091:91")]
    [InlineData("-1:1 -1:1", "8080:80", "8080:80")]
    public void The_newest_comes_first_and_what_was_taken_away_does_not_count(string done, string configured, string expected)
    {
        var live = Words(done).Aggregate(LiveRules.None, (rules, word) => rules.With(word[0] == '+' ? new RuleChange([Rule(word[1..])], []) : new RuleChange([], [Rule(word[1..])])));
        Assert.Equal(expected, string.Join(' ', live.Over([.. Words(configured).Select(Rule)]).Select(PortRuleText.Of)));
        Assert.Equal(Words(done).Length, live.Changes);
    }

    [Fact]
    public void A_rule_for_a_port_lifts_that_it_is_not_to_be_forwarded()
    {
        var never = new PortForwardSpec { GuestIp = "0.0.0.0", GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(80, 80), Ignore = true };
        var live = LiveRules.None.With(new RuleChange([never], []));
        Assert.Equal(never, Assert.Single(live.Added));
        Assert.Equal("8080:80", string.Join(' ', live.With(new RuleChange([Rule("8080:80")], [])).Added.Select(PortRuleText.Of)));
        Assert.Contains(never, live.With(new RuleChange([Rule("8080:81")], [])).Added);
    }

    [Fact]
    public void What_is_so_already_is_no_change()
    {
        var live = LiveRules.None.With(new RuleChange([Rule("9090:90")], [Rule("8080:80")]));
        Assert.False(live.Changed(new RuleChange([Rule("9090:90")], [])));
        Assert.False(live.Changed(new RuleChange([], [Rule("8080:80")])));
        Assert.True(live.Changed(new RuleChange([], [Rule("9090:90")])));
        Assert.True(live.Changed(new RuleChange([Rule("8080:80")], [])));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static PortForwardSpec Rule(string text) => PortRuleText.TryParse(text, out var rule, out var problem) ? rule : throw new FormatException(problem);
}
