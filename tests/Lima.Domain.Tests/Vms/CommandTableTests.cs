using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Phase × intent × command: every combination has an answer, and it is the one written here.</summary>
public sealed class CommandTableTests
{
    private static readonly string[] Commands =
        ["start", "stop", "stop --force", "restart", "restart --force", "pause", "resume", "delete", "delete --force", "edit", "clone", "rename", "factory-reset", "mount add", "mount remove", "change disk", "change ports"];

    // Answers: `-` no change, `x` refused, else the first letters of the events: S(tart), T(stop), K(stop by force), E(rror cleared),
    // R(estart), F(restart by force), P(ause), U(resume), D(elete), e(dit), c(lone), n(ame anew), f(actory reset), a(dd mount), m(ount removed),
    // d(isk changed), p(orts changed).
    private const string Table = """
        place                  | S  T  K  R  F  P  U  D  D! e  c  n  f  a  m  d  p
        Stopped                | S  -  -  S  S  x  x  D  D  e  c  n  f  x  x  x  x
        Stopped (deleting)     | x  x  x  x  x  x  x  -  -  x  x  x  x  x  x  x  x
        Stopped (editing)      | x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x
        Stopped (cloning)      | x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x
        Stopped (renaming)     | x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x
        Stopped (resetting)    | x  x  x  x  x  x  x  x  x  x  x  x  -  x  x  x  x
        Starting               | -  T  K  R  F  x  x  x  D  x  x  x  f  x  x  x  p
        Starting (stopping)    | R  -  K  R  F  x  x  x  D  x  x  x  f  x  x  x  x
        Starting (killing)     | F  -  -  R  F  x  x  x  D  x  x  x  f  x  x  x  x
        Starting (restarting)  | -  T  K  R  F  x  x  x  D  x  x  x  f  x  x  x  x
        Starting (deleting)    | x  x  x  x  x  x  x  -  -  x  x  x  x  x  x  x  x
        Starting (resetting)   | x  x  x  x  x  x  x  x  x  x  x  x  -  x  x  x  x
        Running                | -  T  K  R  F  P  -  x  D  x  x  x  f  a  m  d  p
        Running (stopping)     | R  -  K  R  F  x  -  x  D  x  x  x  f  x  x  x  x
        Running (killing)      | F  -  -  R  F  x  -  x  D  x  x  x  f  x  x  x  x
        Running (pausing)      | -  T  K  R  F  -  U  x  D  x  x  x  f  a  m  x  p
        Running (resuming)     | -  T  K  R  F  P  -  x  D  x  x  x  f  a  m  x  p
        Running (restarting)   | -  T  K  R  F  x  -  x  D  x  x  x  f  x  x  x  x
        Running (deleting)     | x  x  x  x  x  x  x  -  -  x  x  x  x  x  x  x  x
        Running (resetting)    | x  x  x  x  x  x  x  x  x  x  x  x  -  x  x  x  x
        Paused                 | U  T  K  R  F  -  U  x  D  x  x  x  f  x  x  x  p
        Paused (stopping)      | R  -  K  R  F  x  -  x  D  x  x  x  f  x  x  x  x
        Paused (killing)       | F  -  -  R  F  x  -  x  D  x  x  x  f  x  x  x  x
        Paused (pausing)       | U  T  K  R  F  -  U  x  D  x  x  x  f  x  x  x  p
        Paused (resuming)      | -  T  K  R  F  P  -  x  D  x  x  x  f  x  x  x  p
        Paused (restarting)    | -  T  K  R  F  x  -  x  D  x  x  x  f  x  x  x  x
        Paused (deleting)      | x  x  x  x  x  x  x  -  -  x  x  x  x  x  x  x  x
        Paused (resetting)     | x  x  x  x  x  x  x  x  x  x  x  x  -  x  x  x  x
        Error                  | S  E  E  S  S  x  x  D  D  e  c  n  f  x  x  x  x
        Error (deleting)       | x  x  x  x  x  x  x  -  -  x  x  x  x  x  x  x  x
        Error (editing)        | x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x
        Error (cloning)        | x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x
        Error (renaming)       | x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x  x
        Error (resetting)      | x  x  x  x  x  x  x  x  x  x  x  x  -  x  x  x  x
        """;

    public static TheoryData<string, string, string> Rows()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var line in Table.Split('\n').Skip(1))
        {
            var parts = line.Split('|');
            var answers = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Commands.Length, answers.Length);
            foreach (var (command, answer) in Commands.Zip(answers)) data.Add(parts[0].Trim(), command, answer.Trim());
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Answers_as_written(string place, string command, string answer)
    {
        // The stages of a start differ in effects, not in answers.
        foreach (var stage in VmPlaces.All.Where(p => VmPlaces.Name(p.Value) == place))
            Assert.Equal(answer, Answer(VmMachine.Decide(stage.Value, Say.Command(command), VmStory.Epoch)));
    }

    [Fact]
    public void The_table_has_every_place_that_can_be_reached()
    {
        var written = Table.Split('\n').Skip(1).Select(line => line.Split('|')[0].Trim()).ToList();
        Assert.Equal(VmPlaces.All.Values.Select(VmPlaces.Name).Distinct().Order(), written.Order());
    }

    [Fact]
    public void Every_combination_has_an_answer_even_those_that_no_story_leads_to()
    {
        foreach (var phase in Enum.GetValues<VmPhase>())
        {
            foreach (var intent in Enum.GetValues<VmIntent>())
            {
                var state = VmStory.Created().State with { Phase = phase, Intent = intent };
                foreach (var command in Commands)
                {
                    var decision = VmMachine.Decide(state, Say.Command(command), VmStory.Epoch);
                    if (intent == VmIntent.Deleting && !command.StartsWith("delete", StringComparison.Ordinal))
                        Assert.Equal("x", Answer(decision));
                    if (intent is VmIntent.Editing or VmIntent.Cloning or VmIntent.Renaming) Assert.Equal("x", Answer(decision));
                    if (decision is VmDecision.Reject { Error: var error }) AssertHelpful(error);
                    if (decision is VmDecision.Accept accept) Assert.NotEmpty(accept.Events);
                }
            }
        }
    }

    [Fact]
    public void A_repeated_command_changes_nothing_wherever_the_VM_is_by_then()
    {
        foreach (var command in Commands)
        {
            foreach (var (place, state) in VmPlaces.All)
            {
                var repeated = Say.Command(command, "the-same");
                var known = state with { Commands = state.Commands.Add("the-same") };
                Assert.True(VmMachine.Decide(known, repeated, VmStory.Epoch) is VmDecision.NoChange, $"{command} in {place}");
            }
        }
    }

    [Fact]
    public void An_accepted_command_is_remembered_and_a_refused_one_is_not()
    {
        foreach (var command in Commands)
        {
            foreach (var state in VmPlaces.All.Values)
            {
                var asked = Say.Command(command);
                var remembered = VmMachine.Decide(state, asked, VmStory.Epoch) is VmDecision.Accept accept
                    && accept.Events.Aggregate(state, (s, e) => s.Apply(e)).Commands.Contains(asked.CommandId);
                Assert.Equal(Answer(VmMachine.Decide(state, asked, VmStory.Epoch)) is not ("-" or "x"), remembered);
            }
        }
    }

    [Fact]
    public void Only_so_many_commands_are_remembered()
    {
        var story = VmStory.Created();
        for (var i = 0; i <= VmState.RememberedCommandsMax; i++)
            story.After(Say.Start($"start-{i}"), new VmReports.PrepareFailed(i + 1, Say.Cause(VmCauses.PrepareFailed)));
        Assert.Equal(VmState.RememberedCommandsMax, story.State.Commands.Count);
        Assert.IsType<VmDecision.NoChange>(story.Handle(Say.Start("start-1")));
        Assert.IsType<VmDecision.Accept>(story.Handle(Say.Start("start-0")));
    }

    [Fact]
    public void A_VM_that_does_not_exist_or_no_longer_does_is_not_found()
    {
        var gone = VmStory.Created().After(Say.Delete(), new VmReports.Removed()).State;
        foreach (var state in new[] { VmState.Unborn, gone })
        {
            foreach (var command in Commands)
                Assert.Equal("not-found", Assert.IsType<VmDecision.Reject>(VmMachine.Decide(state, Say.Command(command), VmStory.Epoch)).Error.Code);
        }
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(90, 90)]
    public void A_start_gives_up_after_the_time_allowed(int seconds, int expected)
    {
        var decision = VmMachine.Decide(VmStory.Created().State, new VmCommands.Start("s", TimeSpan.FromSeconds(seconds)), VmStory.Epoch);
        var requested = Assert.IsType<VmEvents.StartRequested>(Assert.Single(Assert.IsType<VmDecision.Accept>(decision).Events));
        Assert.Equal(VmStory.Epoch + TimeSpan.FromSeconds(expected), requested.Deadline);
    }

    [Fact]
    public void A_start_that_is_allowed_for_ever_has_the_last_deadline_there_is()
    {
        var story = VmStory.Created().After(new VmCommands.Start("s", TimeSpan.MaxValue));
        Assert.Equal(DateTimeOffset.MaxValue, story.State.StartDeadline);
        story.Recover();
        story.After(new VmReports.Lost(Rebooted: false));
        Assert.True(story.State.StartDeadline > VmStory.Epoch.AddYears(1000));
    }

    private static void AssertHelpful(VmError error)
    {
        Assert.Equal("refused", error.Code);
        Assert.Contains("`dev`", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Hint);
    }

    private static string Answer(VmDecision decision) => decision switch
    {
        VmDecision.NoChange => "-",
        VmDecision.Reject => "x",
        VmDecision.Accept { Events: [VmEvents.StopRequested, VmEvents.Stopped] } => "E",
        VmDecision.Accept { Events: [var only] } => only switch
        {
            VmEvents.StartRequested => "S",
            VmEvents.StopRequested s => s.Force ? "K" : "T",
            VmEvents.RestartRequested r => r.Force ? "F" : "R",
            VmEvents.PauseRequested => "P",
            VmEvents.ResumeRequested => "U",
            VmEvents.DeleteRequested => "D",
            VmEvents.EditRequested => "e",
            VmEvents.CloneRequested => "c",
            VmEvents.RenameRequested => "n",
            VmEvents.FactoryResetRequested => "f",
            VmEvents.DiskChangeRequested => "d",
            VmEvents.ForwardsChanged => "p",
            VmEvents.MountAdded => "a",
            VmEvents.MountRemoved => "m",
            _ => "?",
        },
        _ => "?",
    };
}
