using Lima.Domain.Vms;

namespace Lima.Domain.Tests.Vms;

/// <summary>What is made of a guest's reports of its boot.</summary>
public sealed class BootTraceTests
{
    [Fact]
    public void Phases_last_until_the_next_and_scripts_until_their_own_end()
    {
        var trace = Told(
            (1.5, BootNews.Phase, "init"), (3, BootNews.Phase, "boot-scripts"), (3.1, BootNews.Phase, "script 05-a"), (3.2, BootNews.Phase, "network"),
            (4.1, BootNews.End, "script 05-a"), (4.2, BootNews.Phase, "provision user 00000002"), (5.2, BootNews.Warn, "provision user 00000002 exit 7"),
            (5.2, BootNews.End, "provision user 00000002"), (6, BootNews.Ready, "iid-1"));
        Assert.Equal(
            [
                new BootPhase("firmware", -0.5, 0.5), new BootPhase("kernel", 0, 1.5), new BootPhase("init", 1.5, 1.5), new BootPhase("boot-scripts", 3, 0.2),
                new BootPhase("script 05-a", 3.1, 1), new BootPhase("network", 3.2, 2.8), new BootPhase("provision user 00000002", 4.2, 1, 7),
            ],
            trace.Phases(before: 0.5).AsEnumerable());
        Assert.Equal((6, true), (trace.Seconds, trace.IsReady));
    }

    [Fact]
    public void A_script_that_fails_is_kept_with_the_last_of_its_own_lines()
    {
        var trace = Told(
            (1, BootNews.Phase, "script 05-a"), (1, BootNews.Line, "of another"), (2, BootNews.Phase, "provision system 00000001"),
            (2, BootNews.Line, "1"), (2, BootNews.Line, "2"), (2, BootNews.Line, "3"), (2, BootNews.Line, "4"), (2, BootNews.Line, "5"), (2, BootNews.Line, "6"),
            (3, BootNews.Warn, "provision system 00000001 exit 3"));
        var failure = Assert.Single(trace.Failures);
        Assert.Equal(("provision system 00000001", 3), (failure.Name, failure.Exit));
        Assert.Equal(["2", "3", "4", "5", "6"], failure.LastLines.AsEnumerable());
    }

    [Fact]
    public void A_guest_that_reboots_begins_anew()
    {
        var trace = Told((1, BootNews.Phase, "script a"), (9, BootNews.Warn, "script a exit 1"), (9, BootNews.Met, "fuse"), (9, BootNews.Ready, "iid-1"), (1.2, BootNews.Phase, "init"));
        Assert.Empty(trace.Failures);
        Assert.Empty(trace.Met);
        Assert.False(trace.IsReady);
        Assert.Equal(["kernel", "init"], trace.Phases(null).Select(p => p.Name));
    }

    [Fact]
    public void A_clock_that_is_read_twice_in_a_row_does_not_begin_anew() =>
        Assert.Equal(["kernel", "a", "b"], Told((2, BootNews.Phase, "a"), (1.9, BootNews.Phase, "b")).Phases(null).Select(p => p.Name));

    [Fact]
    public void What_holds_is_kept() => Assert.Equal(["fuse", "sshfs"], Told((1, BootNews.Met, "fuse"), (2, BootNews.Met, "sshfs")).Met.Order());

    [Theory]
    [InlineData("script a exit 3", "script a", 3)]
    [InlineData("network exit 1", "network", 1)]
    [InlineData("something else", "something else", 1)]
    [InlineData("x exit y", "x", 1)]
    public void Failures_are_read(string text, string name, int exit)
    {
        var failure = Assert.Single(Told((1, BootNews.Warn, text)).Failures);
        Assert.Equal((name, exit), (failure.Name, failure.Exit));
    }

    [Fact]
    public void Whatever_a_guest_says_it_stays_small()
    {
        var trace = BootTrace.Empty;
        var big = new string('x', 5000);
        for (var i = 0; i < 1000; i++)
        {
            foreach (var news in Enum.GetValues<BootNews>().Where(n => n != BootNews.Ready)) trace = trace.Add(i, news, $"{i} {big} exit 1");
        }

        Assert.InRange(trace.Phases(null).Length, 1, BootTrace.PhasesMax + 1);
        Assert.All(trace.Phases(null), p => Assert.InRange(p.Name.Length, 1, 100));
        Assert.Equal(BootTrace.FailuresMax, trace.Failures.Count);
        Assert.All(trace.Failures, f => Assert.InRange(f.LastLines.Sum(l => l.Length), 0, 5 * 200));
        Assert.InRange(trace.Met.Count, 1, BootTrace.PhasesMax);
        Assert.InRange(BootScriptCauses.Failed(trace.Failures, "web").Message.Length, 1, 2001);
    }

    [Theory]
    [InlineData("provision system 00000001", "provision[1] (mode system)")]
    [InlineData("provision data 00000012", "provision[12] (mode data)")]
    [InlineData("script 30-install-packages", "boot script 30-install-packages")]
    [InlineData("network", "network")]
    public void Scripts_have_the_names_of_the_template(string name, string title) => Assert.Equal(title, BootScriptCauses.Title(name));

    [Fact]
    public void A_failed_script_is_told_with_its_status_its_last_lines_and_the_way_out()
    {
        var cause = BootScriptCauses.Failed([new FailedScript("provision user 00000000", 2, ["one ", "", "two"]), new FailedScript("script 05-a", 1, [])], "web");
        Assert.Equal(VmCauses.BootScripts, cause.Code);
        Assert.Equal("provision[0] (mode user) failed with exit status 2, its last lines: one | two; boot script 05-a failed with exit status 1", cause.Message);
        Assert.Contains("limactl restart web", cause.Hint, StringComparison.Ordinal);
    }

    private static BootTrace Told(params (double Uptime, BootNews News, string Text)[] told) =>
        told.Aggregate(BootTrace.Empty, (trace, next) => trace.Add(next.Uptime, next.News, next.Text));
}
