using System.Collections.Immutable;
using System.Reflection;
using Lima.Domain.Tests.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Documents;

/// <summary><c>docs/vm-states.md</c> says what the machine does.</summary>
public sealed class VmStatesDocumentTests
{
    private static readonly ImmutableArray<MarkdownTable> Tables = MarkdownTable.Of("vm-states.md");

    [Fact]
    public void Names_every_phase_and_every_intent()
    {
        Assert.Equal(Enum.GetNames<VmPhase>(), Table("Phase", "Meaning").Rows.Select(r => r[0]));
        Assert.Equal(Enum.GetNames<VmIntent>(), Table("Pending", "Meaning").Rows.Select(r => r[0]));
    }

    [Fact]
    public void Says_what_each_command_does_in_each_place()
    {
        var wrong = new List<string>();
        var written = Tables.Where(t => t.Header.Contains("stop --force")).ToList();
        Assert.Equal(2, written.Count);
        foreach (var table in written)
        {
            foreach (var row in table.Rows)
            {
                foreach (var (command, answer) in table.Header.Zip(row).Skip(1))
                {
                    var states = VmPlaces.All.Values.Where(s => VmPlaces.Name(s) == row[0]).ToList();
                    Assert.NotEmpty(states);
                    wrong.AddRange(states.Select(s => Word(VmMachine.Decide(s, Say.Command(command), VmStory.Epoch))).Distinct()
                        .Where(word => word != answer).Select(word => $"{row[0]}, {command}: written {answer}, is {word}"));
                }
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(VmPlaces.All.Values.Select(VmPlaces.Name).Distinct().Order(), written.SelectMany(t => t.Rows).Select(r => r[0]).Order());
    }

    [Fact]
    public void Says_what_the_next_host_makes_of_what_it_finds()
    {
        var rows = Table("Phase", "What the next host finds", "Then").Rows;
        Assert.Equal(10, rows.Length);
        foreach (var row in rows) Assert.Equal(row[2], AfterRecovery(row[0], row[1]));
    }

    [Fact]
    public void Says_what_moves_a_VM_by_itself()
    {
        var rows = Table("Phase", "What happens", "Then").Rows.Select(r => (r[0], r[2])).ToList();
        (string From, VmReport[] Reports, string To)[] moves =
        [
            ("Starting with QEMU", [Say.Ssh(), Say.Scripts()], "Running"),
            ("Starting with SSH", [new VmReports.StartDeadlinePassed(1)], "Running, degraded"),
            ("Starting with QEMU", [new VmReports.StartDeadlinePassed(1), Say.Exited(ExitKind.Crash)], "QEMU is ended, Error"),
            ("Starting", [new VmReports.PrepareFailed(1, Say.Cause(VmCauses.PrepareFailed))], "Error"),
            ("Starting with QEMU", [new VmReports.StorageFailed("no space")], "Paused"),
            ("Running", [Say.Exited(ExitKind.GuestShutdown)], "Stopped"),
            ("Running", [Say.Exited(ExitKind.Panic)], "Error"),
            ("Running", [new VmReports.StorageFailed("no space")], "Paused"),
            ("Paused", [new VmReports.Resumed()], "Running"),
            ("Paused", [Say.Exited(ExitKind.Crash)], "Error"),
        ];
        Assert.Equal(rows, moves.Select(m => (m.From.Split(' ')[0], m.To)));
        foreach (var (from, reports, to) in moves)
        {
            var state = reports.Aggregate(VmPlaces.All[from], Next);
            Assert.Equal(to.Replace("QEMU is ended, ", "", StringComparison.Ordinal), state.Phase + (state.Degradations.IsEmpty ? "" : ", degraded"));
        }
    }

    [Fact]
    public void Explains_every_cause()
    {
        var codes = typeof(VmCauses).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).ToList();
        Assert.Equal(codes, Table("Code", "Shown as", "Meaning", "What to do").Rows.Select(r => r[0]));
        Assert.Equal(codes.Count, codes.Distinct().Count());
    }

    private static MarkdownTable Table(params string[] header) => Tables.Single(t => t.Header.SequenceEqual(header));

    private static string AfterRecovery(string phase, string finds)
    {
        var stage = phase == "Starting" && !finds.Contains("not launched", StringComparison.Ordinal) ? "Starting with QEMU" : phase;
        VmReport report = finds.StartsWith("QEMU lives", StringComparison.Ordinal)
            ? new VmReports.Adopted(Say.Qemu, Paused: phase == "Paused")
            : new VmReports.Lost(finds.Contains("rebooted", StringComparison.Ordinal));
        var before = VmPlaces.All[stage];
        var after = Next(before, report);
        return after.Phase + (after.StartDeadline > before.StartDeadline ? ", with the whole time again" : "");
    }

    private static VmState Next(VmState state, VmReport report)
    {
        var decision = VmMachine.Decide(state, report, VmStory.Epoch.AddHours(1));
        return decision is VmDecision.Accept accept ? accept.Events.Aggregate(state, (s, e) => s.Apply(e)) : state;
    }

    private static string Word(VmDecision decision) => decision switch
    {
        VmDecision.NoChange => "no change",
        VmDecision.Reject => "refused",
        VmDecision.Accept { Events: [VmEvents.StopRequested, VmEvents.Stopped] } => "clears",
        VmDecision.Accept { Events: [VmEvents.StartRequested] } => "starts",
        VmDecision.Accept { Events: [VmEvents.StopRequested s] } => s.Force ? "kills" : "stops",
        VmDecision.Accept { Events: [VmEvents.RestartRequested] } => "restarts",
        VmDecision.Accept { Events: [VmEvents.PauseRequested] } => "pauses",
        VmDecision.Accept { Events: [VmEvents.ResumeRequested] } => "resumes",
        VmDecision.Accept { Events: [VmEvents.DeleteRequested] } => "deletes",
        VmDecision.Accept { Events: [VmEvents.EditRequested] } => "edits",
        VmDecision.Accept { Events: [VmEvents.CloneRequested] } => "clones",
        VmDecision.Accept { Events: [VmEvents.RenameRequested] } => "renames",
        VmDecision.Accept { Events: [VmEvents.FactoryResetRequested] } => "resets",
        VmDecision.Accept { Events: [VmEvents.DiskChangeRequested] } => "changes disks",
        VmDecision.Accept { Events: [VmEvents.ForwardsChanged] } => "changes ports",
        VmDecision.Accept { Events: [VmEvents.MountAdded] } => "mounts",
        VmDecision.Accept { Events: [VmEvents.MountRemoved] } => "unmounts",
        _ => "?",
    };
}
