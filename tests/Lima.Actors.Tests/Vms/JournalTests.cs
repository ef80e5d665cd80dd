using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.TestKit;
using Lima.Actors.Persistence;
using Lima.Actors.Tests.Support;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Hypervisors;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>A journal that is slow, fails, or refuses.</summary>
public sealed class JournalTests(ITestOutputHelper output) : ActorSpec(output)
{
    private const string Unavailable = "journal-unavailable";

    [Fact]
    public async Task A_command_is_answered_only_once_it_is_stored()
    {
        await CreateAsync("web");
        var gate = new Gate();
        await Journal.OnWrite.SetInterceptorAsync(gate);
        var answer = SendAsync("web", Say.Start);
        await gate.Reached.WaitAsync(Patience);
        Assert.False(answer.IsCompleted);
        Assert.Equal(0, World.Preparer.Calls);
        Assert.Equal(VmPhase.Stopped, World.Views.Views["web"].State.Phase);
        gate.Open();
        Assert.IsType<VmProtocol.Accepted>(await answer);
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task A_failed_write_is_told_and_the_guest_never_notices()
    {
        var (id, guest) = await RunningAsync();
        var before = World.EventsOf(id);
        var failures = CreateTestProbe();
        Sys.EventStream.Subscribe(failures.Ref, typeof(JournalFailed));
        Watch(await World.ActorOfAsync(id));
        await Journal.OnWrite.Fail();
        Assert.Equal(Unavailable, Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Stop)).Error.Code);
        await ExpectMsgAsync<Terminated>(Patience);
        await failures.ExpectMsgAsync<JournalFailed>(Patience);
        await Journal.OnWrite.Pass();

        // It comes back by itself, finds the guest, and does what it is told.
        await EventuallyAsync(() => Assert.Equal(before.Append("QemuAdopted"), World.EventsOf(id).Take(before.Count + 1)));
        Assert.Equal(0, guest.Kills);
        Assert.True(guest.IsAlive);
        Assert.Equal(VmIntent.None, World.Views.Views["web"].State.Intent);
        await DoAsync("web", Say.Stop);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(1, World.Hypervisor.Launches);
    }

    [Fact]
    public async Task Commands_that_waited_behind_a_failed_one_are_answered_too()
    {
        await CreateAsync("web");
        var gate = new Gate { Fails = true };
        await Journal.OnWrite.SetInterceptorAsync(gate);
        var answers = new List<Task<VmProtocol.Reply>> { SendAsync("web", Say.Start) };
        await gate.Reached.WaitAsync(Patience);
        answers.AddRange([SendAsync("web", Say.Stop), SendAsync("web", Say.Restart)]);
        // A round trip through the manager: the two are in the VM's mailbox now.
        await World.ScanAsync();
        gate.Open();
        Assert.All(await Task.WhenAll(answers), a => Assert.Equal(Unavailable, Assert.IsType<VmProtocol.Rejected>(a).Error.Code));
    }

    [Fact]
    public async Task A_rejected_write_is_told_and_changes_nothing()
    {
        await CreateAsync("web");
        await Journal.OnWrite.RejectOnType<VmEvents.StartRequested>();
        Assert.Equal(Unavailable, Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Start)).Error.Code);
        await Journal.OnWrite.Pass();
        await EventuallyAsync(() => Assert.Equal(VmPhase.Stopped, World.Views.Views["web"].State.Phase));
        await DoAsync("web", Say.Start);
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal(1, state.Attempt);
    }

    [Fact]
    public async Task A_failed_recovery_answers_and_is_tried_again()
    {
        var (id, guest) = await RunningAsync();
        await World.StopAsync();
        await Journal.OnRecovery.FailIf(e => e.PersistenceId == id.PersistenceId);
        await World.RestartedAsync();
        Assert.Equal(Unavailable, Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Stop)).Error.Code);
        await Journal.OnRecovery.Pass();
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.True(guest.IsAlive);
        Assert.Equal(0, guest.Kills);
    }

    [Fact]
    public async Task An_exit_that_could_not_be_stored_is_found_out_later()
    {
        var (id, guest) = await RunningAsync();
        Watch(await World.ActorOfAsync(id));
        await Journal.OnWrite.Fail();
        guest.Exit(MachineExit.GuestShutdown);
        await ExpectMsgAsync<Terminated>(Patience);
        await Journal.OnWrite.Pass();
        Assert.Equal(VmCauses.QemuLost, (await UntilAsync("web", s => s.Phase == VmPhase.Error)).Cause!.Code);
    }

    [Fact]
    public async Task A_catalogue_that_cannot_be_stored_comes_back()
    {
        var (_, guest) = await RunningAsync("old");
        await Journal.OnWrite.FailIf(e => e.PersistenceId == "catalog");
        Assert.Equal(Unavailable, Assert.IsType<VmProtocol.Rejected>(await World.CreateAsync("new", VmId.From(Guid.NewGuid()))).Error.Code);
        await Journal.OnWrite.Pass();
        await UntilAsync("new", s => s.Phase == VmPhase.Stopped);
        await UntilAsync("old", s => s.Phase == VmPhase.Running);
        Assert.True(guest.IsAlive);
    }

    /// <summary>Holds every write back until it is opened.</summary>
    private sealed class Gate : IJournalInterceptor
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public bool Fails { get; init; }

        public void Open() => _open.TrySetResult();

        public async Task InterceptAsync(IPersistentRepresentation message)
        {
            _reached.TrySetResult();
            await _open.Task;
            if (Fails) throw new TestJournalFailureException();
        }
    }
}
