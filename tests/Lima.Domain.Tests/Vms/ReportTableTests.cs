using System.Collections.Immutable;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Every report in every phase: what it leads to, as event names; and reports of earlier attempts, which lead to nothing.</summary>
public sealed class ReportTableTests
{
    private static readonly string[] Phases = ["Stopped", "Starting", "Starting with QEMU", "Starting with SSH", "Starting, failing", "Running", "Paused", "Error"];

    private static readonly ImmutableDictionary<string, VmReport> Reports = new Dictionary<string, VmReport>
    {
        ["Registered"] = new VmReports.Registered("other", VmOrigins.Found),
        ["Renamed"] = new VmReports.Renamed("other"),
        ["Renamed alike"] = new VmReports.Renamed("dev"),
        ["Prepared"] = Say.Prepared(),
        ["PrepareFailed"] = new VmReports.PrepareFailed(1, Say.Cause(VmCauses.PrepareFailed)),
        ["Launched"] = Say.Launched(),
        ["LaunchFailed"] = new VmReports.LaunchFailed(1, Say.Cause(VmCauses.LaunchFailed)),
        ["Adopted"] = new VmReports.Adopted(Say.Qemu, Paused: false),
        ["Adopted paused"] = new VmReports.Adopted(Say.Qemu, Paused: true),
        ["Lost"] = new VmReports.Lost(Rebooted: false),
        ["Lost by reboot"] = new VmReports.Lost(Rebooted: true),
        ["Exited shutdown"] = Say.Exited(ExitKind.GuestShutdown),
        ["Exited quit"] = Say.Exited(ExitKind.Quit),
        ["Exited panic"] = Say.Exited(ExitKind.Panic),
        ["Exited crash"] = Say.Exited(ExitKind.Crash),
        ["Paused"] = new VmReports.Paused(),
        ["StorageFailed"] = new VmReports.StorageFailed("no space"),
        ["Resumed"] = new VmReports.Resumed(),
        ["Refused"] = new VmReports.Refused(Say.Cause(VmCauses.QmpRefused)),
        ["GuestRebooted"] = new VmReports.GuestRebooted(),
        ["RequirementMet ssh"] = Say.Ssh(),
        ["RequirementMet scripts"] = Say.Scripts(),
        ["RequirementFailed scripts"] = new VmReports.RequirementFailed(Readiness.BootScripts, "because"),
        ["RequirementFailed unknown"] = new VmReports.RequirementFailed("unknown", "because"),
        ["BootTimed"] = new VmReports.BootTimed(12.5, []),
        ["Degraded"] = new VmReports.Degraded(Say.Cause(VmCauses.SshDown)),
        ["Healed"] = new VmReports.Healed(VmCauses.SshDown),
        ["StartDeadlinePassed"] = new VmReports.StartDeadlinePassed(1),
        ["StopDeadlinePassed"] = new VmReports.StopDeadlinePassed(1),
        ["Removed"] = new VmReports.Removed(),
        ["RemoveFailed"] = new VmReports.RemoveFailed(Say.Cause(VmCauses.RemoveFailed)),
        ["Edited"] = new VmReports.Edited(),
        ["Cloned"] = new VmReports.Cloned(Say.CloneId),
        ["FactoryReset"] = new VmReports.FactoryReset(),
        ["ErrandFailed"] = Say.Failed(VmIntent.Editing),
        ["DiskChanged"] = new VmReports.DiskChanged(Say.GrowData),
        ["DiskChangeFailed"] = new VmReports.DiskChangeFailed(Say.GrowData, Say.Cause(VmCauses.DiskChangeFailed)),
        ["ForwardsSaved"] = new VmReports.ForwardsSaved(Say.Saved),
        ["ForwardsNotSaved"] = new VmReports.ForwardsNotSaved(Say.Saved, Say.Cause(VmCauses.ForwardsNotSaved)),
        ["Trimmed"] = new VmReports.Trimmed(1),
    }.ToImmutableDictionary();

    // Columns as in Phases. `-` is nothing. Fa = Failed, St = Stopped, Fg = Failing, Ad = QemuAdopted, Pa = Paused, Re = Resumed,
    // Rn = Renamed, Bp = BootPrepared, La = QemuLaunched, Br = BootResumed, Rq = RequirementMet, Sd = Started, De = Degraded, Gr = GuestRebooted,
    // Rf = RequirementFailed, Bt = BootTimed, Tr = Trimmed.
    private const string Table = """
        Registered             |  -      -   -      -      -   -      -      -
        Renamed                |  Rn     Rn  Rn     Rn     Rn  Rn     Rn     Rn
        Renamed alike          |  -      -   -      -      -   -      -      -
        Prepared               |  -      Bp  -      -      -   -      -      -
        PrepareFailed          |  -      Fa  -      -      -   -      -      -
        Launched               |  -      La  -      -      -   -      -      -
        LaunchFailed           |  -      Fa  -      -      -   -      -      -
        Adopted                |  Ad     Ad  Ad     Ad     Ad  Ad     Ad+Re  Ad
        Adopted paused         |  Ad+Pa  Ad+Pa  Ad+Pa  Ad+Pa  Ad  Ad+Pa  Ad  Ad+Pa
        Lost                   |  -      Br  Fa     Fa     Fa  Fa     Fa     -
        Lost by reboot         |  -      Br  Fa     Fa     Fa  St     St     -
        Exited shutdown        |  -      -   Fa     Fa     Fa  St     Fa     -
        Exited quit            |  -      -   Fa     Fa     Fa  St     Fa     -
        Exited panic           |  -      -   Fa     Fa     Fa  Fa     Fa     -
        Exited crash           |  -      -   Fa     Fa     Fa  Fa     Fa     -
        Paused                 |  -      -   Pa     Pa     -   Pa     -      -
        StorageFailed          |  -      -   Pa     Pa     -   Pa     -      -
        Resumed                |  -      -   -      -      -   -      Re     -
        Refused                |  -      -   -      -      -   -      -      -
        GuestRebooted          |  -      Gr  Gr     Gr     Gr  Gr     Gr     -
        RequirementMet ssh     |  -      -   Rq     -      Rq  -      -      -
        RequirementMet scripts |  -      -   Rq     Rq+Sd  Rq  -      -      -
        RequirementFailed scripts | -   -   Rf+De  Rf+De+Sd Rf+De - -     -
        RequirementFailed unknown | -   -   -      -      -   -      -      -
        BootTimed              |  -      -   Bt     Bt     Bt  Bt     Bt     -
        Degraded               |  -      De  De     De     De  De     De     -
        Healed                 |  -      -   -      -      -   -      -      -
        StartDeadlinePassed    |  -      Fg  Fg     Sd+De  -   -      -      -
        StopDeadlinePassed     |  -      -   -      -      -   -      -      -
        Removed                |  -      -   -      -      -   -      -      -
        RemoveFailed           |  -      -   -      -      -   -      -      -
        Edited                 |  -      -   -      -      -   -      -      -
        Cloned                 |  -      -   -      -      -   -      -      -
        FactoryReset           |  -      -   -      -      -   -      -      -
        ErrandFailed           |  -      -   -      -      -   -      -      -
        DiskChanged            |  -      -   -      -      -   -      -      -
        DiskChangeFailed       |  -      -   -      -      -   -      -      -
        ForwardsSaved          |  -      -   -      -      -   -      -      -
        ForwardsNotSaved       |  -      -   -      -      -   -      -      -
        Trimmed                |  -      Tr  Tr     Tr     Tr  Tr     Tr     -
        """;

    public static TheoryData<string, string, string> Rows()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var line in Table.Split('\n'))
        {
            var parts = line.Split('|');
            var cells = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Phases.Length, cells.Length);
            foreach (var (place, cell) in Phases.Zip(cells)) data.Add(place, parts[0].Trim(), cell.Trim());
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Leads_to(string place, string report, string events) =>
        Assert.Equal(events, Short(VmMachine.Decide(VmPlaces.All[place], Reports[report], VmStory.Epoch)));

    [Fact]
    public void The_table_has_every_kind_of_report()
    {
        var kinds = typeof(VmReports).GetNestedTypes();
        Assert.Equal(kinds.Select(k => k.Name).Order(), Reports.Values.Select(r => r.GetType().Name).Distinct().Order());
        Assert.Equal(Reports.Count, Table.Split('\n').Length);
    }

    [Theory]
    [InlineData("stopping", "St")]
    [InlineData("killing", "St")]
    [InlineData("deleting", "St")]
    [InlineData("resetting", "St")]
    [InlineData("restarting", "St+StartRequested")]
    public void Whatever_says_that_QEMU_is_gone_fulfils_a_pending_end(string intent, string events)
    {
        foreach (var phase in new[] { "Starting with QEMU", "Starting with SSH", "Running", "Paused" })
        {
            var state = VmPlaces.All[$"{phase} ({intent})"];
            foreach (var report in Reports.Where(r => r.Value is VmReports.Exited or VmReports.Lost))
                Assert.Equal(events, Short(VmMachine.Decide(state, report.Value, VmStory.Epoch)));
        }

        foreach (var report in new[] { "Prepared", "PrepareFailed", "LaunchFailed", "Lost" })
            Assert.Equal(events, Short(VmMachine.Decide(VmPlaces.All[$"Starting ({intent})"], Reports[report], VmStory.Epoch)));
    }

    [Theory]
    [InlineData("Starting with SSH (stopping)", "StopEscalated")]
    [InlineData("Running (stopping)", "StopEscalated")]
    [InlineData("Running (restarting)", "StopEscalated")]
    [InlineData("Paused (stopping)", "StopEscalated")]
    [InlineData("Running (killing)", "-")]
    [InlineData("Running (pausing)", "-")]
    [InlineData("Running (deleting)", "-")]
    public void The_deadline_of_a_stop_matters_to_an_orderly_one(string place, string events)
    {
        Assert.Equal(events, Short(VmMachine.Decide(VmPlaces.All[place], Reports["StopDeadlinePassed"], VmStory.Epoch)));
        Assert.Equal("-", Short(VmMachine.Decide(VmPlaces.All[place], new VmReports.StopDeadlinePassed(0), VmStory.Epoch)));
    }

    [Theory]
    [InlineData("Running (pausing)", "RequestFailed")]
    [InlineData("Running (resuming)", "RequestFailed")]
    [InlineData("Paused (resuming)", "RequestFailed")]
    [InlineData("Running (stopping)", "-")]
    [InlineData("Running (restarting)", "-")]
    [InlineData("Running (deleting)", "-")]
    public void A_refusal_matters_to_pause_and_resume(string place, string events) =>
        Assert.Equal(events, Short(VmMachine.Decide(VmPlaces.All[place], Reports["Refused"], VmStory.Epoch)));

    [Theory]
    [InlineData("Running (pausing)", "Adopted paused", "Ad+Pa")]
    [InlineData("Running (pausing)", "Adopted", "Ad")]
    [InlineData("Running (resuming)", "Adopted", "Ad+Re")]
    [InlineData("Running (resuming)", "Adopted paused", "Ad+Pa")]
    [InlineData("Paused (pausing)", "Adopted paused", "Ad+Pa")]
    [InlineData("Paused (pausing)", "Adopted", "Ad+Re")]
    [InlineData("Paused (resuming)", "Adopted", "Ad+Re")]
    [InlineData("Paused (resuming)", "Adopted paused", "Ad")]
    [InlineData("Paused (stopping)", "Adopted paused", "Ad")]
    [InlineData("Running (killing)", "Adopted paused", "Ad+Pa")]
    public void Adoption_says_whether_the_processors_run(string place, string report, string events)
    {
        var state = VmPlaces.All[place];
        var decision = VmMachine.Decide(state, Reports[report], VmStory.Epoch);
        Assert.Equal(events, Short(decision));
        var after = Assert.IsType<VmDecision.Accept>(decision).Events.Aggregate(state, (s, e) => s.Apply(e));
        Assert.Equal(report == "Adopted" ? VmPhase.Running : VmPhase.Paused, after.Phase);
    }

    [Fact]
    public void Adoption_in_every_place_watches_and_goes_on_with_what_is_pending()
    {
        foreach (var (place, state) in VmPlaces.All)
        {
            var adopted = new VmEvents.QemuAdopted(VmStory.Epoch, Say.Qemu);
            var after = state.Apply(adopted);
            var effects = VmMachine.EffectsOf(after, adopted);
            Assert.True(effects.Contains(new VmEffect.WatchQemu(Say.Qemu)), place);
            var ends = effects.Any(e => e is VmEffect.KillQemu or VmEffect.PowerDown or VmEffect.ResumeQemu);
            var wanted = state.Failing is not null || state.Intent is VmIntent.Stopping or VmIntent.Killing or VmIntent.Deleting or VmIntent.Restarting or VmIntent.Resetting
                || (state.Phase, state.Intent) is (VmPhase.Paused, VmIntent.Resuming);
            Assert.True(wanted == ends, place);
            Assert.False(effects.Any(e => e is VmEffect.PrepareBoot or VmEffect.LaunchQemu), place);
        }
    }

    [Fact]
    public void Removal_matters_to_a_deletion_of_what_does_not_live()
    {
        foreach (var (place, state) in VmPlaces.All)
        {
            var deletes = place is "Stopped (deleting)" or "Error (deleting)";
            Assert.Equal(deletes ? "Deleted" : "-", Short(VmMachine.Decide(state, Reports["Removed"], VmStory.Epoch)));
            Assert.Equal(deletes ? "RequestFailed" : "-", Short(VmMachine.Decide(state, Reports["RemoveFailed"], VmStory.Epoch)));
        }
    }

    [Fact]
    public void Work_of_an_earlier_attempt_means_nothing_anywhere()
    {
        VmReport[] stale =
        [
            Say.Prepared(0), new VmReports.PrepareFailed(0, Say.Cause("x")), Say.Launched(0), new VmReports.LaunchFailed(0, Say.Cause("x")),
            new VmReports.StartDeadlinePassed(0), new VmReports.StopDeadlinePassed(0),
        ];
        foreach (var (place, state) in VmPlaces.All.Where(p => p.Value.Attempt > 0))
        {
            foreach (var report in stale) Assert.True(VmMachine.Decide(state, report, VmStory.Epoch) is VmDecision.NoChange, $"{report} in {place}");
        }
    }

    private static string Short(VmDecision decision) => decision is VmDecision.Accept accept
        ? string.Join('+', accept.Events.Select(Short))
        : decision is VmDecision.NoChange ? "-" : "rejected";

    private static string Short(VmEvent e) => e switch
    {
        VmEvents.Failed => "Fa",
        VmEvents.Stopped => "St",
        VmEvents.Failing => "Fg",
        VmEvents.QemuAdopted => "Ad",
        VmEvents.Paused => "Pa",
        VmEvents.Resumed => "Re",
        VmEvents.Renamed => "Rn",
        VmEvents.BootPrepared => "Bp",
        VmEvents.QemuLaunched => "La",
        VmEvents.BootResumed => "Br",
        VmEvents.RequirementMet => "Rq",
        VmEvents.RequirementFailed => "Rf",
        VmEvents.BootTimed => "Bt",
        VmEvents.Started => "Sd",
        VmEvents.Degraded => "De",
        VmEvents.GuestRebooted => "Gr",
        VmEvents.Trimmed => "Tr",
        _ => e.GetType().Name,
    };
}
