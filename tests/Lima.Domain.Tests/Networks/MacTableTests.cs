using Lima.Domain.Networks;

namespace Lima.Domain.Tests.Networks;

/// <summary>What a switch learns of where addresses are, and what it does not let a guest do.</summary>
public sealed class MacTableTests
{
    private static readonly Mac CardA = new(0x525555000001), CardB = new(0x525555000002), Other = new(0x020000000001);
    private readonly MacTable<string> _table = new();

    public MacTableTests()
    {
        _table.Add(CardA, "a");
        _table.Add(CardB, "b");
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void Cards_are_known_from_the_first_and_others_once_they_have_spoken()
    {
        Assert.Equal("b", _table.Find(CardB, At(0)));
        Assert.Null(_table.Find(Other, At(0)));
        Assert.True(_table.Learn(Other, "a", At(0)));
        Assert.Equal("a", _table.Find(Other, At(1)));
        Assert.True(_table.Learn(Other, "b", At(2)));
        Assert.Equal("b", _table.Find(Other, At(3)));
    }

    [Fact]
    public void What_is_not_heard_of_for_long_is_forgotten()
    {
        Assert.True(_table.Learn(Other, "a", At(0)));
        Assert.Equal("a", _table.Find(Other, MacTable<string>.Age));
        Assert.Null(_table.Find(Other, MacTable<string>.Age + At(1)));
        Assert.Equal("a", _table.Find(CardA, At(1e6)));
    }

    [Fact]
    public void Nobody_speaks_as_somebody_else()
    {
        Assert.False(_table.Learn(CardB, "a", At(0)));
        Assert.False(_table.Learn(NetworkPlan.GatewayMac, "a", At(0)));
        Assert.False(_table.Learn(Mac.Broadcast, "a", At(0)));
        Assert.False(_table.Learn(new Mac(0), "a", At(0)));
        Assert.False(_table.Learn(Other, "unknown", At(0)));
        Assert.True(_table.Learn(CardB, "b", At(0)));
    }

    [Fact]
    public void A_guest_that_makes_up_addresses_fills_its_own_room_alone()
    {
        Assert.True(_table.Learn(Other, "b", At(0)));
        for (ulong card = 0; card < 100_000; card++) Assert.True(_table.Learn(new Mac(0x0a0000000000 + card), "a", At(0)));
        Assert.Equal(MacTable<string>.OthersMax + 1, _table.Count);
        Assert.Equal("b", _table.Find(Other, At(0)));
        // Later there is room again.
        var late = MacTable<string>.Age + At(10);
        Assert.True(_table.Learn(new Mac(0x0e0000000000), "a", late));
        Assert.Equal("a", _table.Find(new Mac(0x0e0000000000), late));
    }

    [Fact]
    public void With_a_port_all_that_was_behind_it_is_forgotten()
    {
        Assert.True(_table.Learn(Other, "a", At(0)));
        _table.Remove("a");
        Assert.Equal(0, _table.Count);
        Assert.Null(_table.Find(CardA, At(0)));
        Assert.False(_table.Learn(Other, "a", At(0)));
        Assert.Equal("b", _table.Find(CardB, At(0)));
    }

    [Fact]
    public void Frames_for_everybody_are_limited_and_come_back_with_time()
    {
        var budget = default(FloodBudget);
        Assert.Equal(FloodBudget.Burst, Enumerable.Range(0, 5000).Count(_ => budget.Take(At(1))));
        Assert.Equal(FloodBudget.PerSecond, Enumerable.Range(0, 5000).Count(_ => budget.Take(At(2))));
        Assert.Equal(FloodBudget.Burst, Enumerable.Range(0, 5000).Count(_ => budget.Take(At(1000))));
    }
}
