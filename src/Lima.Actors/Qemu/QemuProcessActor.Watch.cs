using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;

namespace Lima.Actors.Qemu;

/// <summary>Finding the machine, attaching to it, and following what it says.</summary>
public sealed partial class QemuProcessActor
{
    /// <summary>The attempt to attach that is under way; a result of another one (of an earlier life of this actor) is not for us.</summary>
    private object? _attaching;
    private Task<Sighting>? _finding;

    private void ReceiveWatch()
    {
        Receive<VmEffect.VerifyQemu>(OnVerify);
        Receive<VmEffect.WatchQemu>(OnWatch);
        Receive<Attached>(OnAttached);
        Receive<AttachFailed>(OnAttachFailed);
        Receive<Looked>(m =>
        {
            Report(m.Report);
            OnChecked(new Checked(m.Machine, m.Problem));
        });
        Receive<FromMachine>(m =>
        {
            if (ReferenceEquals(m.Machine, _machine)) OnMachineEvent(m.Event);
        });
        Receive<FellSilent>(OnFellSilent);
    }

    private void OnVerify(VmEffect.VerifyQemu verify)
    {
        if (_attaching is not null)
        {
            Stash.Stash();
            return;
        }

        if (_machine is not { } machine)
        {
            Attach(verify, verify.Known, isNews: true);
            return;
        }

        // It is watched already; QEMU talks to one client at a time, so it is asked over the connection there is.
        Task.Run(() => QueryAsync(machine), _stopped.Token).PipeTo(
            Self,
            success: status => new Looked(machine, Adopted(machine.Process, status), null),
            failure: e => new Looked(machine, Adopted(machine.Process, MachineStatus.Running), Cause(e, VmCauses.QmpMute, "asking QEMU how it is")));
    }

    private void OnWatch(VmEffect.WatchQemu watch)
    {
        // Its launch is stored already, so finding it is no news; that it is gone by now is its exit.
        if (_machine?.Process != watch.Process && _attaching is null) Attach(watch, watch.Process, isNews: false);
    }

    private void Attach(VmEffect again, ProcessIdentity? known, bool isNews)
    {
        var attempt = _attaching = new object();
        _finding = Task.Run(() => FindAsync(known), _stopped.Token);
        _finding.PipeTo(
            Self,
            success: found => new Attached(attempt, isNews ? found : found with { Report = found.Machine is null ? new VmReports.Exited(ExitKind.Crash, "") : null }),
            failure: e => new AttachFailed(attempt, again, e.GetBaseException()));
    }

    private async Task<Sighting> FindAsync(ProcessIdentity? known)
    {
        // A launch that an earlier actor began may just be bringing it to life, or be ending it.
        await _services.Boots.EndedAsync(_id, _stopped.Token);
        if (_services.Hypervisors.Find(_id, _directory) is not var (hypervisor, process))
            return new Sighting(null, new VmReports.Lost(IsOfAnEarlierBoot(known)), null);
        var machine = await hypervisor.AttachAsync(_id, _directory, process, _stopped.Token);
        try
        {
            return new Sighting(machine, Adopted(process, await QueryAsync(machine)), null) { Cards = machine.Cards };
        }
        catch (DriverException mute)
        {
            return new Sighting(machine, Adopted(process, MachineStatus.Running), mute.Cause) { Cards = machine.Cards };
        }
        catch (Exception)
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>With the port that the last launch wrote down, in case the journal does not know it.</summary>
    private VmReports.Adopted Adopted(ProcessIdentity process, MachineStatus status) =>
        new(process, status is MachineStatus.Paused or MachineStatus.IoError, Drivers.Ssh.SshConfigFile.Port(_directory.SshConfig) ?? 0);

    private static bool IsOfAnEarlierBoot(ProcessIdentity? known) =>
        known is not null && known.BootId != Drivers.Processes.BootId.Current;

    private void OnAttachFailed(AttachFailed failed)
    {
        if (!ReferenceEquals(failed.Attempt, _attaching)) return;
        _log.Warning("{VmName}: cannot attach to QEMU, trying again: {Reason}", _directory.Name, failed.Cause.Message);
        (_attaching, _finding) = (null, null);
        Timers.StartSingleTimer("attach", failed.Again, _services.Settings.BackoffMin);
        Stash.UnstashAll();
    }

    private void OnAttached(Attached attached)
    {
        if (!ReferenceEquals(attached.Attempt, _attaching)) return;
        (_attaching, _finding) = (null, null);
        Stash.UnstashAll();
        var found = attached.Found;
        if (found.Machine is { } machine)
        {
            Detach();
            _machine = machine;
            _mute = null;
            _ = PumpAsync(machine, Self, _stopped.Token);
            JoinAgain(found.Cards);
        }

        if (found.Report is { } report) Report(report);
        if (found.Machine is not null) OnChecked(new Checked(_machine, found.Problem is { } problem ? problem with { Code = VmCauses.QmpMute } : null));
    }

    private static async Task PumpAsync(IMachine machine, IActorRef self, CancellationToken cancel)
    {
        try
        {
            await foreach (var e in machine.Events.WithCancellation(cancel)) self.Tell(new FromMachine(machine, e));
            self.Tell(new FellSilent(machine, "its events have ended"));
        }
        catch (OperationCanceledException)
        {
            // This actor is stopping; the machine goes on.
        }
        catch (Exception e)
        {
            self.Tell(new FellSilent(machine, e.Message));
        }
    }

    /// <summary>After its end, or when it was let go of, that is as it should be; else it is looked for again.</summary>
    private void OnFellSilent(FellSilent silent)
    {
        if (!ReferenceEquals(silent.Machine, _machine)) return;
        _log.Warning("{VmName}: nothing more is heard of QEMU, looking for it: {Reason}", _directory.Name, silent.Reason);
        Detach();
        Timers.StartSingleTimer("attach", new VmEffect.VerifyQemu(silent.Machine.Process), _services.Settings.BackoffMin);
    }

    /// <summary>Lets go of a machine that was found too late for this actor; QEMU would keep its one connection for it.</summary>
    private static async Task LetGoAsync(Task<Sighting>? finding)
    {
        if (finding is null) return;
        await ((Task)finding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (finding.IsCompletedSuccessfully && (await finding).Machine is { } machine) await machine.DisposeAsync();
    }

    private sealed record Sighting(IMachine? Machine, VmReport? Report, VmCause? Problem)
    {
        public ImmutableArray<MachineCard> Cards { get; init; } = [];
    }

    private sealed record Attached(object Attempt, Sighting Found);
    private sealed record AttachFailed(object Attempt, VmEffect Again, Exception Cause);
    private sealed record Looked(IMachine Machine, VmReport Report, VmCause? Problem);
    private sealed record FromMachine(IMachine Machine, MachineEvent Event);
    private sealed record FellSilent(IMachine Machine, string Reason);
}
