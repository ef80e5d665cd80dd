using Lima.Actors.Tests.Support;
using Lima.Actors.Vms;
using Lima.Domain.Disks;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>Disks of a VM that runs: stored first, then done, and finished whatever dies; and free space is given back.</summary>
public sealed class DiskTests(ITestOutputHelper output) : ActorSpec(output)
{
    private static readonly DiskChange Grow = new(DiskActions.Grow, "data", 2L << 30);

    private static VmCommand Change(string id) => new VmCommands.ChangeDisk(id, Grow);

    [Fact]
    public async Task A_change_is_stored_then_done_with_the_machine_and_the_session()
    {
        var (id, _) = await RunningAsync();
        var gate = new TaskCompletionSource();
        World.Disks.Gate = gate.Task;
        Assert.Equal(Grow, (await DoAsync("web", Change)).State.DiskChange);
        await EventuallyAsync(() => Assert.Equal([(Grow, true, true)], World.Disks.Changes));
        Assert.Equal("wait until that is done", Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Change)).Error.Hint);
        gate.SetResult();
        await UntilAsync("web", s => s.DiskChange is null);
        Assert.Equal(["DiskChangeRequested", "DiskChanged"], World.EventsOf(id).TakeLast(2));
    }

    [Fact]
    public async Task A_change_that_cannot_be_made_says_why_and_the_VM_goes_on()
    {
        await RunningAsync();
        World.Disks.Problem = "it is in use";
        await DoAsync("web", Change);
        var state = await UntilAsync("web", s => s is { DiskChange: null, Cause: not null });
        Assert.Equal((VmPhase.Running, VmCauses.DiskChangeFailed, "it is in use"), (state.Phase, state.Cause!.Code, state.Cause.Message));
    }

    [Fact]
    public async Task A_change_that_the_hosts_end_cuts_short_is_made_by_the_next_one()
    {
        await RunningAsync();
        World.Disks.Gate = new TaskCompletionSource().Task;
        await DoAsync("web", Change);
        await EventuallyAsync(() => Assert.Single(World.Disks.Changes));
        await World.StopAsync();
        World.Disks.Gate = Task.CompletedTask;
        await World.RestartedAsync();
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, DiskChange: null });
        Assert.Equal([(Grow, true, true), (Grow, true, true)], World.Disks.Changes);
    }

    [Fact]
    public async Task A_change_outlives_the_machine_and_is_then_made_where_it_is_written_down()
    {
        var (_, guest) = await RunningAsync();
        World.Disks.Gate = new TaskCompletionSource().Task;
        await DoAsync("web", Change);
        await EventuallyAsync(() => Assert.Single(World.Disks.Changes));
        await World.StopAsync();
        guest.Kill();
        World.Disks.Gate = Task.CompletedTask;
        await World.RestartedAsync();
        await UntilAsync("web", s => s is { Phase: VmPhase.Error, DiskChange: null });
        Assert.Equal((Grow, false, false), World.Disks.Changes.Last());
    }

    [Fact]
    public async Task A_guest_gives_back_free_space_before_its_power_button_is_pressed()
    {
        var (id, _) = await RunningAsync();
        var gate = new TaskCompletionSource();
        (World.Disks.Trimmable, World.Disks.TrimGate) = (1 << 20, gate.Task);
        await DoAsync("web", Say.Stop);
        await EventuallyAsync(() => Assert.Equal(1, World.Disks.Trims));
        gate.SetResult();
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.NotNull(state.TrimmedAt);
        Assert.Equal(["StopRequested", "Trimmed", "Stopped"], World.EventsOf(id).TakeLast(3));
    }

    [Fact]
    public async Task A_guest_that_takes_too_long_for_that_is_shut_down_all_the_same()
    {
        var (id, _) = await RunningAsync();
        World.Disks.TrimGate = new TaskCompletionSource().Task;
        await DoAsync("web", Say.Stop);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.DoesNotContain("Trimmed", World.EventsOf(id));
    }

    [Fact]
    public async Task Neither_a_restart_nor_a_stop_by_force_waits_for_that()
    {
        await RunningAsync();
        World.Disks.TrimGate = new TaskCompletionSource().Task;
        await DoAsync("web", Say.Restart);
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 2 });
        await DoAsync("web", Say.Kill);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, World.Disks.Trims);
    }

    [Fact]
    public async Task A_guest_that_runs_gives_back_free_space_now_and_then()
    {
        World.Settings = World.Settings with { TrimInterval = TimeSpan.FromMilliseconds(50) };
        World.Disks.Trimmable = 4096;
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.True(World.StoredOf(id).OfType<VmEvents.Trimmed>().Count() >= 2));
        Assert.All(World.StoredOf(id).OfType<VmEvents.Trimmed>(), e => Assert.Equal(4096, e.Bytes));
    }
}
