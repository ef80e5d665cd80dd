using System.Collections.Immutable;
using Lima.Actors.Tests.Fakes;
using Lima.Actors.Tests.Support;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;
using Lima.Drivers.Progress;
using Lima.Drivers.Ssh;
using Xunit.Abstractions;
using static Lima.Domain.Vms.Readiness;

namespace Lima.Actors.Tests.Vms;

/// <summary>What a guest must have before it runs, and what is made of it when it lacks something.</summary>
public sealed class ReadinessTests(ITestOutputHelper output) : ActorSpec(output)
{
    private static readonly ImmutableDictionary<string, string> Params = ImmutableDictionary<string, string>.Empty.Add("PORT", "80");

    [Fact]
    public async Task Probes_are_run_until_they_hold_with_the_parameters_and_never_before_a_login_is_ready()
    {
        Needs(new Requirement(UserSession, "user session"), Requirement(Probe(0)), Requirement(Probe(1)));
        World.Specs.Loaded = FakeSpecs.Spec with { Params = Params, Probes = [new ProbeSpec("one", "#!/bin/sh\none"), new ProbeSpec("two", "#!/bin/bash -e\ntwo")] };
        var ran = new List<string>();
        var holds = false;
        World.Ssh.Exec = command =>
        {
            lock (ran) ran.Add(command);
            return Exit(holds || command.Contains(Convert.ToBase64String("#!/bin/sh\none"u8), StringComparison.Ordinal) ? 0 : 1);
        };
        World.Progress.ByItself = [new(1, GuestReportKind.Ssh, "")];
        await StartAsync();
        await UntilAsync("web", s => s.RequirementsMet.Contains(Domain.Vms.Readiness.Ssh));
        lock (ran) Assert.DoesNotContain(ran, command => command.Contains("PARAM_PORT", StringComparison.Ordinal));
        World.Progress.Say(GuestReportKind.Met, UserSession);
        World.Progress.Say(GuestReportKind.Ready, "iid-1");
        await UntilAsync("web", s => s.RequirementsMet.Contains(Probe(0)) || s.Phase == VmPhase.Running);
        holds = true;
        await UntilAsync("web", s => s.Phase == VmPhase.Running && s.RequirementsMet.IsSupersetOf([Probe(0), Probe(1)]));
        lock (ran) Assert.Contains(ran, command => command.Contains("export PARAM_PORT=80", StringComparison.Ordinal) && command.Contains("/bin/bash -e \"$f\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_guest_without_a_port_is_asked_for_its_marks_and_its_probes()
    {
        World.Progress.ByItself = [];
        Needs(new Requirement(UserSession, "user session"), Requirement(Sshfs), Requirement(Probe(0)));
        World.Specs.Loaded = FakeSpecs.Spec with { Probes = [new ProbeSpec("one", "#!/bin/sh\none")] };
        World.Ssh.Exec = command => command.Contains("lima-boot-done", StringComparison.Ordinal) ? new SshResult(0, "user-session\nsshfs\niid-9\n", "", false) : Exit(0);
        await StartAsync();
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Empty(state.Degradations);
    }

    [Fact]
    public async Task What_the_boot_scripts_ended_without_is_not_waited_for()
    {
        Needs(Requirement(Sshfs), Requirement(Containerd));
        World.Ssh.Exec = _ => new SshResult(0, "containerd\n", "", false);
        await StartAsync();
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Contains("`sshfs`", state.Degradations[VmCauses.Requirements].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("containerd", state.Degradations[VmCauses.Requirements].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_script_is_told_with_its_last_lines_and_the_next_clean_boot_heals()
    {
        World.Progress.ByItself =
        [
            new(1, GuestReportKind.Ssh, ""), new(1, GuestReportKind.Phase, "provision system 00000001"), new(1, GuestReportKind.Line, "no such host"),
            new(2, GuestReportKind.Warn, "provision system 00000001 exit 6"), new(2, GuestReportKind.End, "provision system 00000001"), new(3, GuestReportKind.Ready, "iid-1"),
        ];
        var id = await StartAsync();
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal("provision[1] (mode system) failed with exit status 6, its last lines: no such host", state.Degradations[VmCauses.BootScripts].Message);
        // Whoever waits for the start has heard of it by then.
        var events = World.EventsOf(id).ToList();
        Assert.True(events.IndexOf("Degraded") < events.IndexOf("Started"));
        World.Progress.ByItself = [new(1, GuestReportKind.Ssh, ""), new(2, GuestReportKind.Ready, "iid-1")];
        await DoAsync("web", Say.Restart);
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 2, Degradations.IsEmpty: true });
        await EventuallyAsync(() => Assert.Contains(new VmEvents.Healed(default, VmCauses.BootScripts), World.StoredOf(id).Select(e => e with { At = default })));
    }

    [Fact]
    public async Task Files_are_copied_out_last_and_playbooks_played_after_them()
    {
        Needs(Requirement(Probe(0)), Requirement(CopyToHost), Requirement(Ansible));
        World.Specs.Loaded = FakeSpecs.Spec with { Probes = [new ProbeSpec("one", "#!/bin/sh\none")] };
        var holds = false;
        World.Ssh.Exec = _ => Exit(holds ? 0 : 1);
        await StartAsync();
        await UntilAsync("web", s => s.RequirementsMet.Contains(BootScripts));
        Assert.Equal((0, 0), (World.AfterBoot.Copied, World.AfterBoot.Played));
        holds = true;
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal((1, 1), (World.AfterBoot.Copied, World.AfterBoot.Played));
        Assert.Empty(state.Degradations);
        await DoAsync("web", Say.Stop);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        await EventuallyAsync(() => Assert.Equal(1, World.AfterBoot.Removed));
    }

    [Fact]
    public async Task A_copy_that_fails_leaves_the_VM_running_degraded()
    {
        Needs(Requirement(CopyToHost));
        World.AfterBoot.Work = _ => throw new DriverException(VmCauses.Requirements, "copying to the host", "`/a` could not be copied: no such file");
        await StartAsync();
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Contains("`/a` could not be copied: no such file", state.Degradations[VmCauses.Requirements].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_host_goes_on_asking()
    {
        Needs(Requirement(Probe(0)));
        World.Specs.Loaded = FakeSpecs.Spec with { Probes = [new ProbeSpec("one", "#!/bin/sh\none")] };
        World.Ssh.Exec = _ => Exit(1);
        await StartAsync();
        await UntilAsync("web", s => s.RequirementsMet.Contains(BootScripts));
        await World.StopAsync();
        World.Ssh.Exec = _ => Exit(0);
        await World.RestartedAsync();
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Degradations.IsEmpty: true });
    }

    private static Requirement Requirement(string name) => new(name, name, "look");

    private static SshResult Exit(int code) => new(code, "", "", Truncated: false);

    private void Needs(params Requirement[] more) => World.Preparer.Requirements = [.. Usual, .. more];

    private async Task<VmId> StartAsync()
    {
        var id = (await CreateAsync("web")).Id;
        await DoAsync("web", Say.Start);
        return id;
    }
}
