using Akka.Actor;
using Lima.Actors.Ssh;
using Lima.Actors.Vms;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Progress;
using static Lima.Domain.Vms.Readiness;

namespace Lima.Actors.Readiness;

/// <summary>
/// What a guest is asked over the session, one question at a time: the marks of its boot scripts, then its probes in turn, with a
/// growing pause after each round. When all else holds, the host does its own work: copies files out, plays playbooks.
/// </summary>
public sealed partial class ReadinessActor
{
    private static readonly TimeSpan MarksLimit = TimeSpan.FromSeconds(10), ProbeLimit = TimeSpan.FromSeconds(60);

    // The session's own limits end a question; this is for an answer that was lost.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ProbePauseMax = TimeSpan.FromSeconds(3);

    private IActorRef? _session;
    private VmSpec? _spec;
    private TimeSpan _pause;
    private string? _asked;
    private int _question, _nextProbe;
    private bool _isSilent, _isResting, _isWorking, _marksAreKnown;

    private void ReceiveAsking()
    {
        Receive<VmChildProtocol.SshUp>(up =>
        {
            _session = up.Session;
            _settled.Add(Domain.Vms.Readiness.Ssh);
            Timers.StartSingleTimer("listen", Listened.Instance, _services.Settings.ProgressSilence);
            AskNext();
        });
        Receive<Listened>(_ =>
        {
            _isSilent = !_guestReports;
            AskNext();
        });
        Receive<Rested>(_ =>
        {
            _isResting = false;
            AskNext();
        });
        Receive<SshProtocol.Result>(r => OnAnswer(r.Tag, r.Value is { ExitCode: { } code } value ? (code, value.Output) : null));
        Receive<NoAnswer>(m => OnAnswer(m.Question, null));
        Receive<SpecRead>(OnSpec);
        Receive<WorkDone>(OnWorkDone);
    }

    /// <summary>Reads the configuration where something of it is needed.</summary>
    private void LoadSpec()
    {
        if (!_needed.Any(r => ProbeIndex(r.Name) is not null || r.Name is CopyToHost or Ansible or Containerd)) return;
        Task.Run(() => _services.Specs.Load(_id, _directory), _stopped.Token).PipeTo(
            Self, success: spec => new SpecRead(spec, ""), failure: e => new SpecRead(null, e.GetBaseException().Message));
    }

    private void OnSpec(SpecRead read)
    {
        _spec = read.Spec;
        if (read.Spec is null)
        {
            foreach (var requirement in _needed.Where(r => ProbeIndex(r.Name) is not null || r.Name is CopyToHost or Ansible)) Failed(requirement.Name, read.Problem);
        }

        AskNext();
    }

    private void AskNext()
    {
        if (_session is null || _asked is not null || _isResting || _isWorking) return;
        if (AreMarksAwaited) Ask(BootScripts, GuestChecks.Marks(_spec?.GuestInstallPrefix ?? "/usr/local"), MarksLimit);
        else if (NextProbe() is { } probe) AskProbe(probe);
        else if (_needed.FirstOrDefault(r => IsNeeded(r.Name)) is { Name: CopyToHost or Ansible } work && _spec is not null) Work(work.Name);
    }

    /// <summary>A guest that reports is asked once, at the end, for what it has not reported; one that does not is asked until it has booted.</summary>
    private bool AreMarksAwaited => _guestReports
        ? _isReady && !_marksAreKnown && OfBootScripts.Any(IsNeeded)
        : _isSilent && (IsNeeded(BootScripts) || OfBootScripts.Any(IsNeeded));

    private string? NextProbe()
    {
        if (_spec is null || IsNeeded(UserSession)) return null;
        var probes = _needed.Where(r => ProbeIndex(r.Name) is not null && IsNeeded(r.Name)).Select(r => r.Name).ToList();
        return probes.Count == 0 ? null : probes[_nextProbe % probes.Count];
    }

    private void AskProbe(string name)
    {
        var index = ProbeIndex(name)!.Value;
        // Gone from the configuration since the start: nobody asks for it any more.
        if (index >= _spec!.Probes.Length) Met(name);
        else if (GuestChecks.Probe(_spec.Probes[index], _spec.Params) is { } command) Ask(name, command, ProbeLimit);
        else Failed(name, $"the script is larger than {GuestChecks.ProbeBytesMax} bytes");
    }

    private void Ask(string what, string command, TimeSpan limit)
    {
        _asked = what;
        _question++;
        _session!.Tell(new SshProtocol.Exec(command, limit, _question));
        Timers.StartSingleTimer("answer", new NoAnswer(_question), limit + Grace);
    }

    private void OnAnswer(int question, (int Code, string Output)? answer)
    {
        if (question != _question || _asked is not { } asked) return;
        Timers.Cancel("answer");
        _asked = null;
        if (asked == BootScripts) OnMarks(answer?.Output);
        else OnProbe(asked, answer?.Code == 0);
        AskNext();
    }

    private void OnMarks(string? output)
    {
        if (output is null)
        {
            Rest(_services.Settings.SshRetryMax);
            return;
        }

        var holding = GuestChecks.Holding(output);
        foreach (var requirement in OfBootScripts.Where(holding.Contains)) Met(requirement);
        if (!_guestReports && holding.Contains(BootScripts)) OnReady();
        if (!_isReady)
        {
            Rest(_services.Settings.SshRetryMax);
            return;
        }

        _marksAreKnown = true;
        foreach (var requirement in OfBootScripts) Failed(requirement, "the boot scripts have ended without it");
    }

    private void OnProbe(string probe, bool holds)
    {
        if (holds)
        {
            _pause = _services.Settings.SshRetryMin;
            Met(probe);
            return;
        }

        _nextProbe++;
        Rest(ProbePauseMax);
    }

    /// <summary>Pauses, longer each time: a question costs the guest a process.</summary>
    private void Rest(TimeSpan longest)
    {
        _isResting = true;
        Timers.StartSingleTimer("rest", Rested.Instance, _pause);
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, Math.Max(longest.Ticks, _services.Settings.SshRetryMin.Ticks)));
    }

    /// <summary>All that the guest must do is done; what is left is the host's.</summary>
    private void Work(string name)
    {
        _isWorking = true;
        Publish(name == CopyToHost ? "copying files to the host" : "playing playbooks", "");
        var spec = _spec!;
        Task.Run(
            () => name == CopyToHost
                ? _services.AfterBoot.CopyToHostAsync(spec, _directory, _stopped.Token)
                : _services.AfterBoot.PlayAsync(spec, _directory, _stopped.Token),
            _stopped.Token).PipeTo(
            Self,
            success: () => new WorkDone(name, null),
            failure: e => new WorkDone(name, (e.GetBaseException() as DriverException)?.Message ?? e.GetBaseException().Message));
    }

    private void OnWorkDone(WorkDone done)
    {
        _isWorking = false;
        if (done.Problem is { } problem) Failed(done.Name, problem);
        else Met(done.Name);
        AskNext();
    }

    private sealed class Listened
    {
        public static readonly Listened Instance = new();
    }

    private sealed class Rested
    {
        public static readonly Rested Instance = new();
    }

    private sealed record NoAnswer(int Question);
    private sealed record SpecRead(VmSpec? Spec, string Problem);
    private sealed record WorkDone(string Name, string? Problem);
}
