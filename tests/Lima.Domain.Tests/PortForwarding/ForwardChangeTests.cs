using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.PortForwarding;

public sealed class ForwardChangeTests
{
    private static readonly Forward Web = new(PortProtocol.Tcp, new ForwardEnd("0.0.0.0", 80), new ForwardEnd("127.0.0.1", 8080));
    private static readonly Forward Other = new(PortProtocol.Tcp, new ForwardEnd("127.0.0.1", 81), new ForwardEnd("127.0.0.1", 8081));
    private static readonly Forward Agent = new(PortProtocol.Tcp, ForwardEnd.OfSocket("/g"), ForwardEnd.OfSocket("/h")) { Reverse = true };

    [Fact]
    public void Nothing_changes_when_all_is_as_wanted() => Assert.Empty(ForwardChange.Between([Web, Other, Agent], [Agent, Other, Web]));

    [Fact]
    public void What_is_not_wanted_ends_before_what_is_begins() =>
        Assert.Equal([new ForwardChange.Close(Web), new ForwardChange.Open(Other)], Steps([Web], [Other]));

    [Fact]
    public void The_same_end_of_the_host_is_redirected()
    {
        var elsewhere = Web with { Guest = new ForwardEnd("127.0.0.1", 80) };
        Assert.Equal([new ForwardChange.Redirect(Web, elsewhere)], Steps([Web], [elsewhere]));
    }

    [Fact]
    public void A_reverse_forward_is_made_anew()
    {
        var elsewhere = Agent with { Host = ForwardEnd.OfSocket("/other") };
        Assert.Equal([new ForwardChange.Close(Agent), new ForwardChange.Open(elsewhere)], Steps([Agent], [elsewhere]));
    }

    [Fact]
    public void What_is_reached_from_outside_from_now_on_is_made_anew_since_another_way_may_be_the_better_one()
    {
        var reached = Web with { GuestTakesIPv4 = true };
        Assert.Equal([new ForwardChange.Close(Web), new ForwardChange.Open(reached)], Steps([Web], [reached]));
    }

    [Fact]
    public void After_the_steps_there_is_what_is_wanted_whatever_there_was()
    {
        Forward[] all = [Web, Web with { Guest = new ForwardEnd("::1", 80) }, Other, Agent, Agent with { Host = ForwardEnd.OfSocket("/other") }];
        foreach (var live in Subsets(all))
        {
            foreach (var wanted in Subsets(all))
            {
                var now = live.ToList();
                foreach (var change in ForwardChange.Between(live, wanted)) Do(now, change);
                Assert.Equal(wanted.ToHashSet(), now.ToHashSet());
            }
        }
    }

    private static List<ForwardChange> Steps(Forward[] live, Forward[] wanted) => [.. ForwardChange.Between(live, wanted)];

    private static void Do(List<Forward> now, ForwardChange change)
    {
        switch (change)
        {
            case ForwardChange.Close close:
                Assert.True(now.Remove(close.Forward));
                break;
            case ForwardChange.Redirect redirect:
                Assert.True(now.Remove(redirect.From));
                now.Add(redirect.To);
                break;
            case ForwardChange.Open open:
                Assert.DoesNotContain(now, f => f.Key == open.Forward.Key);
                now.Add(open.Forward);
                break;
        }
    }

    /// <summary>Every choice of forwards that a plan may hold: no two with one key.</summary>
    private static IEnumerable<IReadOnlyCollection<Forward>> Subsets(Forward[] all) =>
        from bits in Enumerable.Range(0, 1 << all.Length)
        let chosen = all.Where((_, n) => (bits >> n & 1) == 1).ToList()
        where chosen.DistinctBy(f => f.Key).Count() == chosen.Count
        select chosen;
}
