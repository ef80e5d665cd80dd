using System.Collections.Immutable;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>One VM as its keeper keeps it: decides, stores, applies, and hands the effects on. Its clock moves one second an input.</summary>
internal sealed class VmStory
{
    public static readonly DateTimeOffset Epoch = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<VmEvent> _journal = [];

    public VmState State { get; private set; } = VmState.Unborn;

    public DateTimeOffset Now { get; private set; } = Epoch;

    /// <summary>Every event ever stored.</summary>
    public IReadOnlyList<VmEvent> Journal => _journal;

    /// <summary>Effects of the newest accepted input; empty when nothing was accepted.</summary>
    public ImmutableArray<VmEffect> Effects { get; private set; } = [];

    /// <summary>A VM that a user created, in phase Stopped.</summary>
    public static VmStory Created() => new VmStory().After(new VmReports.Registered("dev", VmOrigins.Created));

    public VmDecision Handle(VmCommand command) => Take(VmMachine.Decide(State, command, Tick()));

    public VmDecision Handle(VmReport report) => Take(VmMachine.Decide(State, report, Tick()));

    /// <summary>The same, for walks through several inputs.</summary>
    public VmStory After(params ReadOnlySpan<object> inputs)
    {
        foreach (var input in inputs)
        {
            if (input is VmCommand command) Handle(command);
            else Handle((VmReport)input);
        }

        return this;
    }

    /// <summary>What the story looks like to a host that reads the journal anew.</summary>
    public static VmState Replay(IEnumerable<VmEvent> journal) => journal.Aggregate(VmState.Unborn, (state, e) => state.Apply(e));

    /// <summary>The host ends and comes back: the state is what the journal says, the effects are those of recovery.</summary>
    public ImmutableArray<VmEffect> Recover()
    {
        State = Replay(_journal);
        return Effects = VmMachine.EffectsAfterRecovery(State);
    }

    private DateTimeOffset Tick() => Now += TimeSpan.FromSeconds(1);

    private VmDecision Take(VmDecision decision)
    {
        Effects = [];
        if (decision is not VmDecision.Accept accept) return decision;
        foreach (var e in accept.Events)
        {
            State = State.Apply(e);
            _journal.Add(e);
            Effects = Effects.AddRange(VmMachine.EffectsOf(State, e));
        }

        return decision;
    }
}
