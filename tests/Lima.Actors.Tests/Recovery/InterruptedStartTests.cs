using Akka.Actor;
using Lima.Actors.Tests.Support;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Recovery;

/// <summary>The host ends in the middle of something that takes its time, or while the world goes on.</summary>
public sealed class InterruptedStartTests(ITestOutputHelper output) : RecoverySpec(output)
{
    private static Task Hang(CancellationToken cancel) => Task.Delay(Timeout.Infinite, cancel);

    [Theory]
    [InlineData("received:Lost", false)]
    [InlineData("received:Lost", true)]
    [InlineData("stored:BootResumed", false)]
    [InlineData("stored:BootResumed", true)]
    public async Task A_start_that_was_preparing_goes_on(string point, bool wholeHost)
    {
        Arm(point, wholeHost);
        World.Preparer.Work = Hang;
        await InsistOnCreateAsync("web");
        await InsistAsync("web", Say.Start);
        await ReachAsync(() => World.Preparer.Calls == 1);
        await World.StopAsync();
        World.Preparer.Work = _ => Task.CompletedTask;
        await World.RestartedAsync();
        await ReachAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 1 });
        AssertNoHarm();
        Assert.Equal(1, World.Hypervisor.Launches);
    }

    [Fact]
    public async Task A_start_that_waited_for_a_place_goes_on()
    {
        World.Settings = World.Settings with { BootsAtOnce = 1 };
        World.Preparer.Work = Hang;
        foreach (var name in new[] { "a", "b", "c" })
        {
            await CreateAsync(name);
            await DoAsync(name, Say.Start);
        }

        await World.StopAsync();
        World.Preparer.Work = _ => Task.CompletedTask;
        await World.RestartedAsync();
        foreach (var name in new[] { "a", "b", "c" }) await UntilAsync(name, s => s is { Phase: VmPhase.Running, Attempt: 1 });
        Assert.Equal((3, 0), (World.Hypervisor.Living, World.Hypervisor.Doubled));
    }

    [Fact]
    public async Task A_QEMU_that_came_to_life_behind_the_hosts_back_is_taken_up()
    {
        var id = (await CreateAsync("web")).Id;
        World.Hypervisor.BeforeLaunch = Hang;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Launches));
        await World.StopAsync();
        var guest = World.Hypervisor.Plant(id);
        await World.RestartedAsync();
        await UntilAsync("web", s => s.Phase == VmPhase.Running && s.Process == guest.Process);
        Assert.Equal((1, 0, 0), (World.Hypervisor.Launches, World.Hypervisor.Doubled, guest.Kills));
    }

    [Fact]
    public async Task An_actor_that_comes_back_while_its_predecessors_launch_is_under_way_waits_for_it()
    {
        var id = (await CreateAsync("web")).Id;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        World.Hypervisor.HeedsCancellation = false;
        World.Hypervisor.BeforeLaunch = _ => gate.Task;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Launches));
        var actor = await World.ActorOfAsync(id);
        Watch(actor);
        Sys.Stop(actor);
        await ExpectTerminatedAsync(actor, Patience);
        var answer = SendAsync("web", Say.Stop);
        await World.ScanAsync();
        gate.SetResult();
        await answer;
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped && s.Attempt == 1);
        await EventuallyAsync(() => Assert.Equal(0, World.Hypervisor.Living));
        Assert.Equal((1, 0), (World.Hypervisor.Launches, World.Hypervisor.Doubled));
    }

    [Fact]
    public async Task A_guest_that_ended_while_no_host_was_there_is_found_out()
    {
        var (_, guest) = await RunningAsync();
        await World.StopAsync();
        guest.Exit(MachineExit.GuestShutdown);
        await World.RestartedAsync();
        Assert.Equal(VmCauses.QemuLost, (await UntilAsync("web", s => s.Phase == VmPhase.Error)).Cause!.Code);
    }

    [Fact]
    public async Task A_stop_that_was_accepted_is_carried_out_by_the_next_host()
    {
        var (_, guest) = await RunningAsync();
        guest.IsDeaf = true;
        await DoAsync("web", Say.Stop);
        await World.StopAsync();
        Assert.True(guest.IsAlive);
        guest.IsDeaf = false;
        await World.RestartedAsync();
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, guest.Kills);
    }

    [Fact]
    public async Task Fifty_running_VMs_are_all_taken_up()
    {
        var names = Enumerable.Range(0, 50).Select(i => $"vm{i}").ToList();
        foreach (var name in names) await CreateAsync(name);
        await Task.WhenAll(names.Select(n => World.Manager.Ask<VmProtocol.Accepted>(
            new VmProtocol.Envelope(n, Say.Start("s-" + n)), Patience)));
        foreach (var name in names) await UntilAsync(name, s => s.Phase == VmPhase.Running);
        await World.RestartAsync();
        foreach (var name in names) await UntilAsync(name, s => s.Phase == VmPhase.Running && s.Process is not null);
        await EventuallyAsync(() => Assert.All(World.Views.Views.Values, v => Assert.Equal(1, World.Hypervisor.Of(v.Id)?.AttachedNow)));
        Assert.Equal((50, 50, 0), (World.Hypervisor.Living, World.Hypervisor.Launches, World.Hypervisor.Doubled));
        Assert.All(World.Views.Views.Values, v => Assert.Equal(0, World.Hypervisor.Of(v.Id)!.Kills));
    }
}
