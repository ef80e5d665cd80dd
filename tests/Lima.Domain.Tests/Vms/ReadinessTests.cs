using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>What a guest must have, and what follows when it lacks something.</summary>
public sealed class ReadinessTests
{
    private static readonly ImmutableArray<Requirement> All =
    [
        .. Readiness.Usual, new(Readiness.Probe(0), "port 80", "is the web server enabled?"), new(Readiness.CopyToHost, "files to be copied to the host", "look"),
    ];

    private static readonly VmSpec Spec = new()
    {
        Arch = "x86_64", Cpus = 1, MemoryBytes = 1 << 30, DiskBytes = 1 << 30, Images = [], User = new UserSpec("alice", "", "/home/alice", "/bin/bash", 1000),
    };

    private readonly VmStory _vm = VmStory.Created();

    [Theory]
    [InlineData("", "ssh user-session boot-scripts")]
    [InlineData("plain", "ssh boot-scripts")]
    [InlineData("sshfs", "ssh user-session sshfs fuse boot-scripts")]
    [InlineData("sshfs plain", "ssh boot-scripts")]
    [InlineData("sshfs nofuse", "ssh user-session sshfs boot-scripts")]
    [InlineData("9p", "ssh user-session boot-scripts")]
    [InlineData("containerd", "ssh user-session systemd containerd boot-scripts")]
    [InlineData("containerd nocontainerd", "ssh user-session boot-scripts")]
    [InlineData("containerd plain", "ssh boot-scripts")]
    [InlineData("containerd unasked", "ssh user-session boot-scripts")]
    [InlineData("probes plain", "ssh probe-0 probe-1 boot-scripts")]
    [InlineData("probes copy ansible sshfs containerd", "ssh user-session sshfs fuse systemd containerd probe-0 probe-1 boot-scripts copy-to-host ansible")]
    public void An_instance_needs(string words, string requirements)
    {
        var spec = words.Split(' ').Aggregate(Spec, (spec, word) => word switch
        {
            "plain" => spec with { Plain = true },
            "sshfs" or "9p" => spec with { Mounts = new MountsSpec { Type = word == "9p" ? MountType.NineP : MountType.ReverseSshfs, Directories = [new MountSpec("/a", "/a", Writable: false)] } },
            "containerd" => spec with { Containerd = new ContainerdSpec { User = true, Asked = true } },
            "unasked" => spec with { Containerd = spec.Containerd with { Asked = false } },
            "probes" => spec with { Probes = [new ProbeSpec("", "#!/bin/sh"), new ProbeSpec("second", "#!/bin/sh", "a\nhint")] },
            "copy" => spec with { CopyToHost = [new CopyToHostSpec("/a", "/b")] },
            "ansible" => spec with { Provision = [new ProvisionSpec("ansible", "")] },
            _ => spec,
        });
        var needed = Readiness.For(spec, !words.Contains("nocontainerd", StringComparison.Ordinal), !words.Contains("nofuse", StringComparison.Ordinal));
        Assert.Equal(requirements, string.Join(' ', needed.Select(r => r.Name)));
    }

    [Fact]
    public void Probes_have_Limas_names_and_their_hints_on_one_line()
    {
        var probes = Readiness.For(Spec with { Probes = [new ProbeSpec("", "x"), new ProbeSpec("b", "x", "a\nhint " + new string('x', 1000))] }, false, false).Where(r => Readiness.ProbeIndex(r.Name) is not null).ToList();
        Assert.Equal(["user probe 1/2", "b"], probes.Select(p => p.Description));
        Assert.StartsWith("a hint", probes[1].Hint, StringComparison.Ordinal);
        Assert.InRange(probes[1].Hint.Length, 1, 301);
    }

    [Theory]
    [InlineData("probe-0", 0)]
    [InlineData("probe-12", 12)]
    [InlineData("ssh", null)]
    [InlineData("probe-x", null)]
    public void Probes_are_known_by_their_names(string name, int? index) => Assert.Equal(index, Readiness.ProbeIndex(name));

    [Fact]
    public void A_VM_runs_when_all_of_its_own_requirements_hold_and_not_before()
    {
        Booting().After(Say.Ssh(), Met(Readiness.Probe(0)), Say.Scripts());
        Assert.Equal(VmPhase.Starting, _vm.State.Phase);
        _vm.Handle(Met(Readiness.CopyToHost));
        Assert.Equal(VmPhase.Running, _vm.State.Phase);
        Assert.Empty(_vm.State.Degradations);
    }

    [Fact]
    public void What_lacks_at_the_deadline_is_named_with_its_hint_and_heals_one_by_one()
    {
        Booting().After(Say.Ssh(), Say.Scripts()).Handle(new VmReports.StartDeadlinePassed(1));
        Assert.Equal(VmPhase.Running, _vm.State.Phase);
        var cause = Assert.Single(_vm.State.Degradations.Values);
        Assert.Equal((VmCauses.Requirements, "not satisfied: `port 80`, `files to be copied to the host`", "is the web server enabled?; look"), (cause.Code, cause.Message, cause.Hint));
        _vm.Handle(Met(Readiness.Probe(0)));
        Assert.Equal("not satisfied: `files to be copied to the host`", Assert.Single(_vm.State.Degradations.Values).Message);
        _vm.Handle(Met(Readiness.CopyToHost));
        Assert.Empty(_vm.State.Degradations);
        Assert.Empty(_vm.State.BootTroubles);
    }

    [Fact]
    public void Late_boot_scripts_and_a_late_probe_are_two_marks()
    {
        Booting().After(Say.Ssh(), Met(Readiness.CopyToHost)).Handle(new VmReports.StartDeadlinePassed(1));
        Assert.Equal([VmCauses.BootScripts, VmCauses.Requirements], _vm.State.Degradations.Keys);
        _vm.Handle(Say.Scripts());
        Assert.Equal([VmCauses.Requirements], _vm.State.Degradations.Keys);
        _vm.Handle(Met(Readiness.Probe(0)));
        Assert.Empty(_vm.State.Degradations);
    }

    [Fact]
    public void Without_ssh_the_deadline_ends_the_start()
    {
        Booting().After(Say.Scripts(), Met(Readiness.Probe(0)), Met(Readiness.CopyToHost)).Handle(new VmReports.StartDeadlinePassed(1));
        Assert.Contains("ssh", _vm.State.Failing!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_failed_is_not_waited_for()
    {
        Booting().After(Say.Ssh(), Met(Readiness.Probe(0)), Say.Scripts(), new VmReports.RequirementFailed(Readiness.CopyToHost, "/etc/x: no such file"));
        Assert.Equal(VmPhase.Running, _vm.State.Phase);
        Assert.Equal("not satisfied: `files to be copied to the host` (/etc/x: no such file)", Assert.Single(_vm.State.Degradations.Values).Message);
    }

    [Fact]
    public void A_boot_that_is_well_says_that_the_trouble_of_the_last_one_is_over()
    {
        Booting().After(Say.Ssh(), Met(Readiness.Probe(0)), new VmReports.Degraded(Say.Cause(VmCauses.BootScripts)), Say.Scripts(), Met(Readiness.CopyToHost));
        Assert.Equal([VmCauses.BootScripts], _vm.State.Degradations.Keys);
        _vm.After(Say.Stop(), Say.Exited(ExitKind.GuestShutdown), Say.Start(), Prepared(2), Say.Launched(2), Say.Ssh(), Met(Readiness.Probe(0)), Say.Scripts());
        var decision = Assert.IsType<VmDecision.Accept>(_vm.Handle(Met(Readiness.CopyToHost)));
        Assert.Equal(["RequirementMet", "Started", "Healed"], decision.Events.Select(e => e.GetType().Name));
        Assert.Empty(_vm.State.BootTroubles);
    }

    [Fact]
    public void A_guest_that_reboots_after_a_bad_boot_is_watched_again()
    {
        Booting().After(Say.Ssh(), Met(Readiness.Probe(0)), new VmReports.Degraded(Say.Cause(VmCauses.BootScripts)), Say.Scripts(), Met(Readiness.CopyToHost));
        var rebooted = Assert.IsType<VmDecision.Accept>(_vm.Handle(new VmReports.GuestRebooted()));
        Assert.Contains(new VmEffect.WatchReadiness(Say.Port), VmMachine.EffectsOf(_vm.State, rebooted.Events[0]));
        _vm.Handle(new VmReports.Healed(VmCauses.BootScripts));
        Assert.Empty(_vm.State.Degradations);
        rebooted = Assert.IsType<VmDecision.Accept>(_vm.Handle(new VmReports.GuestRebooted()));
        Assert.Empty(VmMachine.EffectsOf(_vm.State, rebooted.Events[0]));
    }

    [Fact]
    public void A_boot_is_timed_once_and_each_of_the_guests_own_again()
    {
        Booting().Handle(new VmReports.BootTimed(3, []));
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(new VmReports.BootTimed(4, [])));
        _vm.Handle(new VmReports.GuestRebooted());
        Assert.IsType<VmDecision.Accept>(_vm.Handle(new VmReports.BootTimed(5, [])));
    }

    [Fact]
    public void The_guest_has_the_whole_time_from_the_launch_on()
    {
        _vm.After(Say.Start());
        var before = _vm.State.StartDeadline;
        _vm.After(Prepared(1), Say.Launched());
        Assert.Equal(_vm.Now + Say.Timeout, _vm.State.StartDeadline);
        Assert.True(_vm.State.StartDeadline > before);
        Assert.Contains(new VmEffect.ArmStartDeadline(1, _vm.State.StartDeadline), _vm.Effects);
    }

    [Fact]
    public void Events_of_older_versions_need_ssh_and_boot_scripts()
    {
        var state = VmState.Unborn;
        foreach (var e in (VmEvent[])[
            new VmEvents.Created(VmStory.Epoch, "dev", VmOrigins.Created), new VmEvents.StartRequested(VmStory.Epoch, "", 1, VmStory.Epoch), new VmEvents.BootPrepared(VmStory.Epoch, 60022),
            new VmEvents.QemuLaunched(VmStory.Epoch, Say.Qemu), new VmEvents.RequirementMet(VmStory.Epoch, "ssh"), new VmEvents.RequirementMet(VmStory.Epoch, "boot-scripts")])
            state = state.Apply(e);
        Assert.True(Readiness.IsComplete(state));
    }

    private static VmReports.RequirementMet Met(string requirement) => new VmReports.RequirementMet(requirement);

    private static VmReports.Prepared Prepared(int attempt) => new VmReports.Prepared(attempt, Say.Port, All);

    private VmStory Booting() => _vm.After(Say.Start(), Prepared(1), Say.Launched());
}
