using Akka.Actor;
using Akka.TestKit;
using Lima.Actors.Tests.Support;
using Lima.Actors.Vms;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Progress;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>What happens when time is over, in virtual time: the clock stands still until a test moves it.</summary>
public sealed class DeadlineTests(ITestOutputHelper output) : ActorSpec(output, VirtualTime)
{
    private TestScheduler Clock => (TestScheduler)Sys.Scheduler;

    [Fact]
    public async Task A_guest_that_does_not_hear_the_power_button_is_ended_after_the_time_allowed()
    {
        var (id, guest) = await RunningAsync();
        guest.IsDeaf = true;
        await DoAsync("web", Say.Stop);
        Clock.Advance(World.Settings.StopTimeout - TimeSpan.FromSeconds(1));
        await World.ScanAsync();
        Assert.True(guest.IsAlive);
        Clock.Advance(TimeSpan.FromSeconds(2));
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(1, guest.Kills);
        Assert.Contains("StopEscalated", World.EventsOf(id));
    }

    [Fact]
    public async Task A_stop_that_was_obeyed_leaves_no_deadline_behind()
    {
        await RunningAsync();
        await DoAsync("web", Say.Stop);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        var guest = World.Hypervisor.Of(World.Views.Views["web"].Id)!;
        Clock.Advance(World.Settings.StopTimeout * 2);
        await World.ScanAsync();
        Assert.Equal(VmPhase.Running, World.Views.Views["web"].State.Phase);
        Assert.Equal(0, guest.Kills);
    }

    [Fact]
    public async Task A_guest_that_does_not_come_up_is_ended_and_the_cause_says_what_is_missing()
    {
        World.Progress.ByItself = [];
        World.Ssh.IsUp = false;
        var id = (await CreateAsync("web")).Id;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Of(id)?.AttachedNow));
        var guest = World.Hypervisor.Of(id)!;
        Clock.Advance(Say.StartTimeout + TimeSpan.FromSeconds(1));
        var cause = (await UntilAsync("web", s => s.Phase == VmPhase.Error)).Cause!;
        Assert.Equal(VmCauses.StartDeadline, cause.Code);
        Assert.Contains("ssh, boot-scripts", cause.Message, StringComparison.Ordinal);
        Assert.Equal(1, guest.Kills);
    }

    [Fact]
    public async Task A_start_that_still_prepares_when_time_is_over_fails()
    {
        await CreateAsync("web");
        World.Preparer.Work = cancel => Task.Delay(Timeout.Infinite, cancel);
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Preparer.Calls));
        Clock.Advance(Say.StartTimeout + TimeSpan.FromSeconds(1));
        Assert.Equal(VmCauses.StartDeadline, (await UntilAsync("web", s => s.Phase == VmPhase.Error)).Cause!.Code);
        Assert.Equal(0, World.Hypervisor.Launches);
    }

    [Fact]
    public async Task Boot_scripts_that_take_too_long_leave_a_running_VM_degraded_until_they_finish()
    {
        World.Progress.ByItself = [new(1, GuestReportKind.Ssh, "")];
        await CreateAsync("web");
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.RequirementsMet.Contains(Domain.Vms.Readiness.Ssh));
        Clock.Advance(Say.StartTimeout + TimeSpan.FromSeconds(1));
        await UntilAsync("web", s => s.Phase == VmPhase.Running && s.Degradations.ContainsKey(VmCauses.BootScripts));
        World.Progress.Say(GuestReportKind.Ready, "iid-1");
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Degradations.IsEmpty: true });
        await EventuallyAsync(() => Assert.Equal(0, World.Progress.Followers));
    }

    [Fact]
    public async Task The_time_of_a_start_begins_anew_when_a_host_comes_back()
    {
        World.Progress.ByItself = [];
        World.Ssh.IsUp = false;
        await CreateAsync("web");
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.Process is not null);
        await World.StopAsync();
        Clock.Advance(Say.StartTimeout * 3);
        await World.RestartedAsync();
        await UntilAsync("web", s => s.Phase == VmPhase.Starting && s.StartDeadline == Clock.Now + Say.StartTimeout);
        Clock.Advance(Say.StartTimeout + TimeSpan.FromSeconds(1));
        await UntilAsync("web", s => s.Phase == VmPhase.Error);
    }

    [Fact]
    public async Task A_VM_that_nobody_uses_leaves_memory_and_comes_back_for_a_command()
    {
        var id = (await CreateAsync("web")).Id;
        var actor = await World.ActorOfAsync(id);
        Watch(actor);
        await EventuallyAsync(() =>
        {
            Clock.Advance(World.Settings.PassivateAfter);
            Assert.True(HasMessages);
        });
        await ExpectTerminatedAsync(actor, Patience);
        Assert.Contains("web", World.Views.Views.Keys);
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task No_command_is_lost_when_it_comes_while_a_VM_leaves_memory()
    {
        var id = (await CreateAsync("web")).Id;
        var first = await World.ActorOfAsync(id);
        for (var round = 0; round < 40; round++)
        {
            Clock.Advance(World.Settings.PassivateAfter);
            // These meet it before, while, and after it leaves.
            var burst = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync("web", Say.Stop)));
            Assert.All(burst, a => Assert.False(Assert.IsType<VmProtocol.Accepted>(a).Changed));
        }

        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal(["Created", "StartRequested"], World.EventsOf(id).Take(2));
        Assert.NotEqual(first, await World.ActorOfAsync(id));
    }

    [Fact]
    public async Task A_running_VM_stays_in_memory()
    {
        var (id, _) = await RunningAsync();
        var actor = await World.ActorOfAsync(id);
        Clock.Advance(World.Settings.PassivateAfter * 10);
        await World.ScanAsync();
        Assert.Equal(actor, await World.ActorOfAsync(id));
    }

    [Fact]
    public async Task Living_machines_are_asked_at_every_heartbeat()
    {
        var (id, _) = await RunningAsync();
        var guest = World.Hypervisor.Of(id)!;
        await EventuallyAsync(() => Assert.Equal(1, guest.AttachedNow));
        var asked = guest.Queries;
        await World.ScanAsync();
        Assert.Equal(asked, guest.Queries);
        for (var beat = 1; beat <= 3; beat++)
        {
            Clock.Advance(World.Settings.Heartbeat);
            await EventuallyAsync(() => Assert.Equal(asked + beat, guest.Queries));
        }
    }

    [Fact]
    public async Task A_session_is_asked_only_when_it_has_been_silent()
    {
        World.Ssh.Silence = World.Settings.SshSilence / 2;
        var (id, _) = await RunningAsync();
        var guest = World.Hypervisor.Of(id)!;
        await EventuallyAsync(() => Assert.Equal((1, 1), (World.Ssh.Open, guest.AttachedNow)));
        for (var beat = 1; beat <= 3; beat++)
        {
            var asked = guest.Queries;
            Clock.Advance(World.Settings.Heartbeat);
            await EventuallyAsync(() => Assert.Equal(asked + 1, guest.Queries));
        }

        Assert.Equal(0, World.Ssh.Pings);
        World.Ssh.Silence = World.Settings.SshSilence;
        Clock.Advance(World.Settings.Heartbeat);
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Pings));
    }

    [Fact]
    public async Task Mounts_are_looked_at_seldom_while_nothing_happens_to_them()
    {
        World.Settings = World.Settings with { MountLook = World.Settings.Heartbeat * 10 };
        World.Specs.Mounts = new MountsSpec { Directories = [new MountSpec("/src", "/mnt/src", Writable: true)] };
        var (id, _) = await RunningAsync();
        var guest = World.Hypervisor.Of(id)!;
        await EventuallyAsync(() => Assert.Equal((1, 1), (World.Mounts.Open, guest.AttachedNow)));
        var looks = World.Ssh.TableReads;
        World.Ssh.MountTable.Clear();
        for (var beat = 1; beat <= 5; beat++)
        {
            var asked = guest.Queries;
            Clock.Advance(World.Settings.Heartbeat);
            await EventuallyAsync(() => Assert.Equal(asked + 1, guest.Queries));
        }

        Assert.Equal(looks, World.Ssh.TableReads);
        Clock.Advance(World.Settings.MountLook);
        await EventuallyAsync(() => Assert.Equal((2, 1), (World.Mounts.Made, World.Ssh.MountTable.Count)));
        // What is known to have happened waits for no clock.
        World.Mounts.Break("its program ended");
        await EventuallyAsync(() => Assert.Equal((3, 1), (World.Mounts.Made, World.Mounts.Open)));
    }
}
