using System.Collections.Immutable;
using Lima.Actors.Tests.Support;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Mounts;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Mounts;

public sealed class MountManagerTests : ActorSpec
{
    private static readonly MountSpec Src = new("/src", "/mnt/src", Writable: true);

    public MountManagerTests(ITestOutputHelper output)
        : base(output) => World.Specs.Mounts = new MountsSpec { Directories = [Src] };

    private ImmutableArray<MountStatus> Mounts => World.Views.Views.GetValueOrDefault("web")?.Mounts ?? [];

    [Fact]
    public async Task A_VM_is_running_only_when_its_mounts_have_been_seen_to()
    {
        var gate = new TaskCompletionSource();
        World.Mounts.Gate = gate.Task;
        await CreateAsync("web");
        await DoAsync("web", Say.Start);
        var state = await UntilAsync("web", s => s.RequirementsMet.Contains(Domain.Vms.Readiness.Ssh));
        Assert.Equal((VmPhase.Starting, false), (state.Phase, state.RequirementsMet.Contains(Domain.Vms.Readiness.BootScripts)));
        gate.SetResult();
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal(new MountStatus(Src, MountType.ReverseSshfs, MountCondition.Mounted), Assert.Single(Mounts));
    }

    [Fact]
    public async Task A_mount_that_cannot_be_made_degrades_the_VM_and_heals_by_itself()
    {
        World.Mounts.Problem = MountErrors.Because("no more files");
        await RunningAsync();
        var state = await UntilAsync("web", s => s.Degradations.ContainsKey(VmCauses.Mounts));
        Assert.Contains("`/mnt/src` (reverse-sshfs) is not mounted: no more files", state.Degradations[VmCauses.Mounts].Message, StringComparison.Ordinal);
        Assert.Equal(MountCondition.Broken, Assert.Single(Mounts).Condition);
        World.Mounts.Problem = null;
        await UntilAsync("web", s => s.Degradations.IsEmpty);
        await EventuallyAsync(() => Assert.Equal(MountCondition.Mounted, Assert.Single(Mounts).Condition));
    }

    [Fact]
    public async Task One_that_breaks_is_made_again()
    {
        var (id, _) = await RunningAsync();
        World.Mounts.Break("its program ended");
        await EventuallyAsync(() => Assert.Equal(["Degraded", "Healed"], World.EventsOf(id).TakeLast(2)));
        Assert.Contains("its program ended", World.StoredOf(id).OfType<VmEvents.Degraded>().Last().Cause.Message, StringComparison.Ordinal);
        await EventuallyAsync(() => Assert.Equal((2, 1), (World.Mounts.Made, World.Mounts.Open)));
    }

    [Fact]
    public async Task One_that_somebody_unmounted_in_the_guest_comes_back()
    {
        await RunningAsync();
        World.Ssh.MountTable.Clear();
        await EventuallyAsync(() => Assert.Equal((2, 1), (World.Mounts.Made, World.Ssh.MountTable.Count)));
    }

    [Fact]
    public async Task A_new_session_and_a_new_host_see_to_them_again()
    {
        await RunningAsync();
        World.Ssh.Break();
        World.Mounts.Break("the session is gone");
        World.Ssh.IsUp = true;
        await EventuallyAsync(() => Assert.Equal((2, 1), (World.Mounts.Made, World.Mounts.Open)));
        await World.RestartAsync();
        await EventuallyAsync(() => Assert.Equal((3, 1), (World.Mounts.Made, World.Mounts.Open)));
        await EventuallyAsync(() => Assert.Equal(MountCondition.Mounted, Assert.Single(Mounts).Condition));
    }

    [Fact]
    public async Task Mounts_come_and_go_while_the_VM_runs_and_outlive_the_host()
    {
        var (vm, _) = await RunningAsync();
        await DoAsync("web", id => new VmCommands.AddMount(id, "/more", "/mnt/more", Writable: false));
        await EventuallyAsync(() => Assert.Equal(["/mnt/more", "/mnt/src"], Mounts.Select(mount => mount.Spec.MountPoint)));
        Assert.True(Mounts[0].IsAdded);
        await DoAsync("web", id => new VmCommands.RemoveMount(id, "/mnt/src"));
        await EventuallyAsync(() => Assert.Equal(["/mnt/more"], Mounts.Select(mount => mount.Spec.MountPoint)));
        Assert.Equal(["/mnt/more"], World.Ssh.MountTable.Keys);
        await EventuallyAsync(() => Assert.Equal(1, World.Mounts.Open));
        // To be let go of on purpose is no trouble to tell of.
        Assert.Empty(World.StoredOf(vm).OfType<VmEvents.Degraded>());
        await World.RestartAsync();
        await EventuallyAsync(() => Assert.Equal(["/mnt/more"], Mounts.Select(mount => mount.Spec.MountPoint)));
        await DoAsync("web", Say.Kill);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped && s.MountChanges.IsEmpty);
    }

    [Fact]
    public async Task A_pause_lets_go_of_them_and_a_resume_brings_them_back()
    {
        await RunningAsync();
        await DoAsync("web", Say.Pause);
        await UntilAsync("web", s => s.Phase == VmPhase.Paused);
        await EventuallyAsync(() => Assert.Equal(0, World.Mounts.Open));
        await DoAsync("web", Say.Resume);
        await EventuallyAsync(() => Assert.Equal((2, 1), (World.Mounts.Made, World.Mounts.Open)));
        await UntilAsync("web", s => s.Phase == VmPhase.Running && s.Degradations.IsEmpty);
    }
}
