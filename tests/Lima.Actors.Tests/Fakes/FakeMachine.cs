using System.Collections.Immutable;
using System.Threading.Channels;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;

namespace Lima.Actors.Tests.Fakes;

/// <summary>One attachment to a <see cref="FakeGuest"/>.</summary>
internal sealed class FakeMachine : IMachine
{
    private readonly FakeGuest _guest;
    private readonly Channel<MachineEvent> _events = Channel.CreateUnbounded<MachineEvent>();

    public FakeMachine(FakeGuest guest)
    {
        _guest = guest;
        guest.Attach(this);
        if (!guest.IsAlive) Say(new MachineEvent.Exited(MachineExit.Crash, ""));
    }

    public IMachineDisks Disks { get; } = new FakeMachineDisks();

    public ImmutableArray<MachineCard> Cards { get; init; } = [];

    public ProcessIdentity Process => _guest.Process;

    public IAsyncEnumerable<MachineEvent> Events => _events.Reader.ReadAllAsync();

    public void Say(MachineEvent e)
    {
        _events.Writer.TryWrite(e);
        if (e is MachineEvent.Exited) _events.Writer.TryComplete();
    }

    public async Task PowerDownAsync(CancellationToken cancel)
    {
        await AnswerAsync(cancel);
        _guest.PressPower();
    }

    public async Task PauseAsync(CancellationToken cancel)
    {
        await AnswerAsync(cancel);
        Refuse("pausing");
        _guest.Pause();
    }

    public async Task ResumeAsync(CancellationToken cancel)
    {
        await AnswerAsync(cancel);
        Refuse("resuming");
        _guest.Resume();
    }

    public async Task<MachineStatus> QueryAsync(CancellationToken cancel)
    {
        _guest.Asked();
        await AnswerAsync(cancel);
        return _guest.IsPaused ? MachineStatus.Paused : MachineStatus.Running;
    }

    public Task KillAsync(CancellationToken cancel)
    {
        _guest.Kill();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _guest.Detach(this);
        _events.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private async Task AnswerAsync(CancellationToken cancel)
    {
        if (_guest.IsMute) await Task.Delay(Timeout.Infinite, cancel);
    }

    private void Refuse(string step)
    {
        if (_guest.Refuses) throw new DriverException(VmCauses.QmpRefused, step, "QEMU would not");
    }
}
