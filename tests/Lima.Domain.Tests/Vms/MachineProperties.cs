using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Any input in any order, however nonsensical: what the machine promises holds all the same.</summary>
public sealed class MachineProperties
{
    private const int Runs = 2000;

    [Property(Arbitrary = [typeof(Inputs)], MaxTest = Runs, EndSize = 80)]
    public void Accepted_events_apply_and_their_effects_are_known(Input[] inputs) => Walk(inputs, (before, decision) =>
    {
        if (decision is not VmDecision.Accept accept) return;
        Assert.NotEmpty(accept.Events);
        var state = before;
        foreach (var e in accept.Events)
        {
            state = state.Apply(e);
            Assert.False(VmMachine.EffectsOf(state, e).IsDefault);
            Assert.False(VmMachine.EffectsAfterRecovery(state).IsDefault);
        }
    });

    [Property(Arbitrary = [typeof(Inputs)], MaxTest = Runs, EndSize = 80)]
    public void Phases_and_process_agree(Input[] inputs) => Walk(inputs, (state, _) =>
    {
        if (state.Phase is VmPhase.Stopped or VmPhase.Error) Assert.Null(state.Process);
        if (state.Phase is VmPhase.Running or VmPhase.Paused) Assert.NotNull(state.Process);
        if (state.Phase is VmPhase.Stopped or VmPhase.Error) Assert.True(IsAboutFiles(state.Intent) || state.Intent == VmIntent.None, $"{state.Intent}");
        if (state.Phase is not (VmPhase.Stopped or VmPhase.Error)) Assert.Null(state.Errand);
        if (state.Errand is null) Assert.False(state.Intent is VmIntent.Editing or VmIntent.Cloning or VmIntent.Renaming);
        if (state.Phase == VmPhase.Error) Assert.NotNull(state.Cause);
        if (state.Phase is VmPhase.Stopped or VmPhase.Error) Assert.Empty(state.Degradations);
        Assert.True(state.Commands.Count <= VmState.RememberedCommandsMax);
    });

    [Property(Arbitrary = [typeof(Inputs)], MaxTest = Runs, EndSize = 80)]
    public void The_journal_tells_the_same_story(Input[] inputs)
    {
        var story = Walk(inputs, (_, _) => { });
        Assert.Equivalent(story.State, VmStory.Replay(story.Journal), strict: true);
    }

    [Property(Arbitrary = [typeof(Inputs)], MaxTest = Runs, EndSize = 80)]
    public void A_decision_depends_on_state_input_and_now_alone(Input[] inputs)
    {
        var hour = TimeSpan.FromHours(1);
        var story = VmStory.Created();
        foreach (var input in inputs)
        {
            var made = input.Make(story.State);
            var first = Decide(story.State, made, story.Now);
            Same(first, Decide(story.State, made, story.Now), TimeSpan.Zero);
            Same(first, Decide(story.State, made, story.Now + hour), hour);
            story.After(made);
        }
    }

    private static bool IsAboutFiles(VmIntent intent) =>
        intent is VmIntent.Deleting or VmIntent.Editing or VmIntent.Cloning or VmIntent.Renaming or VmIntent.Resetting;

    private static VmStory Walk(Input[] inputs, Action<VmState, VmDecision> check)
    {
        var story = VmStory.Created();
        foreach (var input in inputs)
        {
            var made = input.Make(story.State);
            check(story.State, Decide(story.State, made, story.Now));
            story.After(made);
        }

        return story;
    }

    private static VmDecision Decide(VmState state, object input, DateTimeOffset now) =>
        input is VmCommand command ? VmMachine.Decide(state, command, now) : VmMachine.Decide(state, (VmReport)input, now);

    private static void Same(VmDecision expected, VmDecision actual, TimeSpan later)
    {
        if (expected is VmDecision.Accept accept) Assert.Equal(accept.Events.Select(e => Shift(e, later)), Assert.IsType<VmDecision.Accept>(actual).Events);
        else Assert.Equal(expected, actual);
    }

    private static VmEvent Shift(VmEvent e, TimeSpan later) => e is VmEvents.StartRequested s
        ? s with { At = s.At + later, Deadline = s.Deadline + later }
        : e with { At = e.At + later };

    /// <summary>An input that is completed from the state it meets, so that attempts are often right.</summary>
    /// <param name="Kind">Command by its words or report by its type.</param>
    /// <param name="Age">How many attempts ago its work was begun.</param>
    /// <param name="Flag">Whatever has two forms.</param>
    public sealed record Input(string Kind, int Age, bool Flag)
    {
        public object Make(VmState state) => Kind switch
        {
            "Registered" => new VmReports.Registered("again", VmOrigins.Found),
            "Renamed" => new VmReports.Renamed(Flag ? "dev" : "other"),
            "Prepared" => Say.Prepared(state.Attempt - Age),
            "PrepareFailed" => new VmReports.PrepareFailed(state.Attempt - Age, Say.Cause(VmCauses.PrepareFailed)),
            "Launched" => Say.Launched(state.Attempt - Age),
            "LaunchFailed" => new VmReports.LaunchFailed(state.Attempt - Age, Say.Cause(VmCauses.LaunchFailed)),
            "Adopted" => new VmReports.Adopted(Say.Qemu, Flag),
            "Lost" => new VmReports.Lost(Flag),
            "Exited" => Say.Exited(Flag ? ExitKind.GuestShutdown : ExitKind.Crash),
            "Paused" => new VmReports.Paused(),
            "StorageFailed" => new VmReports.StorageFailed("no space"),
            "Resumed" => new VmReports.Resumed(),
            "Refused" => new VmReports.Refused(Say.Cause(VmCauses.QmpRefused)),
            "GuestRebooted" => new VmReports.GuestRebooted(),
            "RequirementMet" => Flag ? Say.Ssh() : Say.Scripts(),
            "RequirementFailed" => new VmReports.RequirementFailed(Flag ? Readiness.Probe(0) : Readiness.BootScripts, "because"),
            "BootTimed" => new VmReports.BootTimed(3, []),
            "Degraded" => new VmReports.Degraded(Say.Cause(Flag ? VmCauses.SshDown : VmCauses.BootScripts)),
            "Healed" => new VmReports.Healed(Flag ? VmCauses.SshDown : VmCauses.BootScripts),
            "StartDeadlinePassed" => new VmReports.StartDeadlinePassed(state.Attempt - Age),
            "StopDeadlinePassed" => new VmReports.StopDeadlinePassed(state.Attempt - Age),
            "Removed" => new VmReports.Removed(),
            "RemoveFailed" => new VmReports.RemoveFailed(Say.Cause(VmCauses.RemoveFailed)),
            "Edited" => new VmReports.Edited(),
            "Cloned" => new VmReports.Cloned(Age == 0 ? Say.CloneId : "another"),
            "FactoryReset" => new VmReports.FactoryReset(),
            "ErrandFailed" => Say.Failed(Flag ? state.Intent : VmIntent.Editing),
            "DiskChanged" => new VmReports.DiskChanged(Flag && state.DiskChange is { } change ? change : Say.GrowData),
            "DiskChangeFailed" => new VmReports.DiskChangeFailed(Say.GrowData, Say.Cause(VmCauses.DiskChangeFailed)),
            "ForwardsSaved" => new VmReports.ForwardsSaved(Flag && state.ForwardsToSave is { } saved ? saved : Say.Saved),
            "ForwardsNotSaved" => new VmReports.ForwardsNotSaved(Say.Saved, Say.Cause(VmCauses.ForwardsNotSaved)),
            "Trimmed" => new VmReports.Trimmed(1),
            // A command that is sent twice keeps its id.
            _ => Say.Command(Kind, Age > 0 && state.Commands.Count > 0 ? state.Commands[^1] : null),
        };
    }

    public static class Inputs
    {
        private static readonly ImmutableArray<string> Commands = Simulation.Simulation.Commands;

        private static readonly ImmutableArray<string> Reports = [.. typeof(VmReports).GetNestedTypes().Select(t => t.Name)];

        public static Arbitrary<Input> Input()
        {
            var boot = Gen.Elements("start", "Prepared", "Launched", "RequirementMet");
            var kind = Gen.Frequency((4, Gen.Elements(Reports.AsEnumerable())), (3, boot), (2, Gen.Elements(Commands.AsEnumerable())));
            return (from k in kind
                    from age in Gen.Frequency((5, Gen.Constant(0)), (1, Gen.Constant(1)))
                    from flag in Gen.Elements(true, false)
                    select new Input(k, age, flag)).ToArbitrary();
        }
    }
}
