using Akka.Actor;
using Lima.Actors.Tests.Support;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>Which VMs there are, and who gets a command.</summary>
public sealed class ManagerTests(ITestOutputHelper output) : ActorSpec(output)
{
    [Fact]
    public async Task An_unknown_name_is_told()
    {
        var error = Assert.IsType<VmProtocol.Rejected>(await SendAsync("ghost", Say.Start)).Error;
        Assert.Equal("instance-not-found", error.Code);
        Assert.Contains("ghost", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_go_to_the_VM_of_that_name()
    {
        var ids = new[] { (await CreateAsync("a")).Id, (await CreateAsync("b")).Id };
        await DoAsync("b", Say.Start);
        await UntilAsync("b", s => s.Phase == VmPhase.Running);
        Assert.Equal(VmPhase.Stopped, World.Views.Views["a"].State.Phase);
        Assert.Null(World.Hypervisor.Of(ids[0]));
        Assert.NotNull(World.Hypervisor.Of(ids[1]));
    }

    [Fact]
    public async Task A_repeated_create_changes_nothing()
    {
        var id = VmId.From(Guid.NewGuid());
        Assert.True(Assert.IsType<VmProtocol.Accepted>(await World.CreateAsync("web", id)).Changed);
        Assert.False(Assert.IsType<VmProtocol.Accepted>(await World.CreateAsync("web", id)).Changed);
        Assert.Equal(["Created"], World.EventsOf(id));
        Assert.Single(World.Views.Views);
    }

    [Fact]
    public async Task A_create_that_is_repeated_while_it_is_under_way_is_answered_once_it_is_made()
    {
        var (id, gate) = (VmId.From(Guid.NewGuid()), new ManualResetEventSlim());
        World.Store.BeforeCreate = () => gate.Wait(Patience);
        var answers = new[] { World.CreateAsync("web", id), World.CreateAsync("web", id), World.CreateAsync("web", id) };
        // The manager has seen all three.
        await World.ScanAsync();
        gate.Set();
        Assert.All(await Task.WhenAll(answers), a => Assert.IsType<VmProtocol.Accepted>(a));
        Assert.Equal(["Created"], World.EventsOf(id));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused()
    {
        await CreateAsync("web");
        var error = Assert.IsType<VmProtocol.Rejected>(await World.CreateAsync("web", VmId.From(Guid.NewGuid()))).Error;
        Assert.Equal("instance-exists", error.Code);
    }

    [Fact]
    public async Task Of_many_who_want_a_name_at_once_one_gets_it()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => World.CreateAsync("web", VmId.From(Guid.NewGuid()))));
        var winner = Assert.Single(answers.OfType<VmProtocol.Accepted>());
        Assert.All(answers.OfType<VmProtocol.Rejected>(), r => Assert.Equal("instance-exists", r.Error.Code));
        await World.ScanAsync();
        Assert.Equal(winner.View.Id, Assert.Single(World.Views.Views).Value.Id);
    }

    [Fact]
    public async Task A_create_during_a_scan_that_had_not_seen_it_is_not_undone()
    {
        await World.ScanAsync();
        var (looked, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new ManualResetEventSlim());
        World.Store.AfterLook = () =>
        {
            looked.TrySetResult();
            gate.Wait(Patience);
        };
        var scan = World.ScanAsync();
        await looked.Task.WaitAsync(Patience);
        var id = (await CreateAsync("web")).Id;
        gate.Set();
        await scan;
        Assert.Equal(id, World.Views.Views["web"].Id);
        await DoAsync("web", Say.Start);
    }

    [Fact]
    public async Task A_create_that_a_scan_finds_first_is_answered_and_counts_as_created()
    {
        await World.ScanAsync();
        var (made, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new ManualResetEventSlim());
        World.Store.AfterCreate = () =>
        {
            made.TrySetResult();
            gate.Wait(Patience);
        };
        var id = VmId.From(Guid.NewGuid());
        var create = World.CreateAsync("web", id);
        await made.Task.WaitAsync(Patience);
        await World.ScanAsync();
        gate.Set();
        Assert.IsType<VmProtocol.Accepted>(await create);
        Assert.Equal(VmOrigins.Created, Assert.IsType<VmEvents.Created>(Assert.Single(World.StoredOf(id))).Origin);
    }

    [Fact]
    public async Task Directories_that_are_found_become_VMs()
    {
        World.MakeDirectory("lima-made");
        await World.ScanAsync();
        await UntilAsync("lima-made", s => s.Phase == VmPhase.Stopped);
        await DoAsync("lima-made", Say.Start);
        await UntilAsync("lima-made", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task A_found_directory_whose_QEMU_lives_is_taken_up_running()
    {
        var id = VmId.From(Guid.NewGuid());
        var directory = World.MakeDirectory("alive");
        File.WriteAllText(directory.IdFile, id.Value);
        var guest = World.Hypervisor.Plant(id);
        await World.ScanAsync();
        var state = await UntilAsync("alive", s => s.Phase == VmPhase.Running);
        Assert.Equal(guest.Process, state.Process);
        Assert.Equal((0, 0), (guest.Kills, World.Hypervisor.Launches));
    }

    [Fact]
    public async Task A_start_waits_until_it_is_known_whether_QEMU_lives()
    {
        var id = VmId.From(Guid.NewGuid());
        var directory = World.MakeDirectory("alive");
        File.WriteAllText(directory.IdFile, id.Value);
        World.Hypervisor.Plant(id);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        World.Hypervisor.AttachGate = gate.Task;
        await World.ScanAsync();
        await UntilAsync("alive", s => s.Phase == VmPhase.Stopped);
        var answer = SendAsync("alive", Say.Start);
        await World.ScanAsync();
        Assert.False(answer.IsCompleted);
        gate.SetResult();
        Assert.False(Assert.IsType<VmProtocol.Accepted>(await answer).Changed);
        await UntilAsync("alive", s => s.Phase == VmPhase.Running);
        Assert.Equal((0, 0), (World.Preparer.Calls, World.Hypervisor.Launches));
    }

    [Fact]
    public async Task A_directory_that_is_renamed_by_hand_keeps_its_VM()
    {
        var id = (await CreateAsync("old")).Id;
        // Its helpers know the old files by now.
        await DoAsync("old", Say.Start);
        await UntilAsync("old", s => s.Phase == VmPhase.Running);
        await DoAsync("old", Say.Stop);
        await UntilAsync("old", s => s.Phase == VmPhase.Stopped);
        Directory.Move(Path("old"), Path("new"));
        await World.ScanAsync();
        await UntilAsync("new", s => s.Phase == VmPhase.Stopped);
        Assert.DoesNotContain("old", World.Views.Views.Keys);
        await DoAsync("new", Say.Start);
        await UntilAsync("new", s => s.Phase == VmPhase.Running);
        Assert.Equal(Path("new"), World.Preparer.Directory!.Path);
        Assert.Equal(id, World.Views.Views["new"].Id);
        Assert.IsType<VmProtocol.Rejected>(await SendAsync("old", Say.Start));
    }

    [Fact]
    public async Task A_directory_that_is_renamed_while_its_QEMU_lives_keeps_it()
    {
        var (id, guest) = await RunningAsync("old");
        Directory.Move(Path("old"), Path("new"));
        await World.ScanAsync();
        await UntilAsync("new", s => s.Phase == VmPhase.Running);
        await EventuallyAsync(() => Assert.Equal(1, guest.AttachedNow));
        await DoAsync("new", Say.Stop);
        await UntilAsync("new", s => s.Phase == VmPhase.Stopped);
        Assert.Equal((0, 1), (guest.Kills, World.Hypervisor.Launches));
        Assert.Null(World.Hypervisor.Of(id));
    }

    [Fact]
    public async Task A_stopped_VM_whose_directory_is_gone_is_gone()
    {
        await CreateAsync("web");
        Directory.Delete(Path("web"), recursive: true);
        await World.ScanAsync();
        await EventuallyAsync(() => Assert.Empty(World.Views.Views));
        Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Start));
        await World.RestartAsync();
        Assert.Empty(World.Views.Views);
    }

    [Fact]
    public async Task A_VM_that_lives_stays_without_its_directory_until_it_ends()
    {
        var (_, guest) = await RunningAsync();
        Directory.Delete(Path("web"), recursive: true);
        await World.ScanAsync();
        Assert.Equal(VmPhase.Running, World.Views.Views["web"].State.Phase);
        Assert.True(guest.IsAlive);
        await DoAsync("web", Say.Kill);
        await EventuallyAsync(() => Assert.Empty(World.Views.Views));
        Assert.False(guest.IsAlive);
    }

    [Fact]
    public async Task A_home_that_cannot_be_read_leaves_running_VMs_as_they_are()
    {
        var (_, guest) = await RunningAsync();
        World.Store.ScanProblem = new IOException("input/output error");
        await World.RestartAsync();
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        await EventuallyAsync(() => Assert.Equal(1, guest.AttachedNow));
        Assert.Equal(0, guest.Kills);
    }

    [Fact]
    public async Task Views_are_complete_when_they_are_said_to_be()
    {
        for (var i = 0; i < 20; i++) await CreateAsync($"vm{i}");
        for (var round = 0; round < 3; round++)
        {
            await World.RestartAsync();
            Assert.Equal(20, World.Views.Views.Count);
        }
    }

    [Fact]
    public async Task Views_are_ready_when_there_is_nothing()
    {
        _ = World.Manager;
        await World.Views.Ready.WaitAsync(Patience);
        Assert.Empty(World.Views.Views);
    }

    private string Path(string name) => World.Home.Instance(VmName.Parse(name)).Path;
}
