using System.Collections.Immutable;
using Akka.Actor;
using Lima.Actors.Ssh;
using Lima.Actors.Vms;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Drivers.Progress;

namespace Lima.Actors.Readiness;

/// <summary>
/// Watches one boot: follows what the guest reports and tells the parent which requirement is met. What the guest does not
/// report itself (probes; everything, where there is no port) it is asked by SSH, in <c>ReadinessActor.Asking.cs</c>.
/// </summary>
public sealed partial class ReadinessActor : ReceiveActor, IWithTimers
{
    private const string BootScriptsStep = "boot-scripts";
    private const string NetworkPhase = "network";
    private static readonly TimeSpan SshReportLimit = TimeSpan.FromSeconds(60);

    private readonly VmId _id;
    private readonly InstanceDirectory _directory;
    private readonly VmServices _services;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ImmutableArray<Requirement> _needed;
    private readonly HashSet<string> _settled;
    private readonly DateTimeOffset? _launched;
    private BootTrace _trace = BootTrace.Empty;
    private double? _firmware;
    private bool _guestReports, _hasNetwork, _hasServer, _isReady;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public ReadinessActor(VmId id, VmName name, VmServices services, VmState state, DateTimeOffset? launched)
    {
        _id = id;
        _services = services;
        _directory = services.Store.Home.Instance(name);
        _needed = state.Requirements;
        _settled = [.. state.RequirementsMet, .. state.RequirementsFailed.Keys];
        _launched = launched;
        _pause = services.Settings.SshRetryMin;
        Receive<GuestReport>(OnReport);
        Receive<Silence>(_ => Context.Parent.Tell(new VmChildProtocol.TrySsh(IsReachable: false)));
        Receive<FollowEnded>(m => throw new InvalidOperationException("the guest's reports cannot be read", m.Cause));
        ReceiveAsking();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    /// <param name="id">Identity of the VM.</param>
    /// <param name="name">Its name.</param>
    /// <param name="services">Drivers and settings.</param>
    /// <param name="state">What it needs, and has.</param>
    /// <param name="launched">When QEMU was launched, if that was now.</param>
    public static Props Props(VmId id, VmName name, VmServices services, VmState state, DateTimeOffset? launched) =>
        Akka.Actor.Props.Create(() => new ReadinessActor(id, name, services, state, launched));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        // SSH may work already: after a restart of this actor, or when it is made late.
        Context.Parent.Tell(new VmChildProtocol.WhichSession());
        // A connection made before the guest's server listens hangs in QEMU's network for seconds, so its word is waited for.
        Timers.StartSingleTimer("silence", Silence.Instance, _services.Settings.ProgressSilence);
        Publish("booting", "");
        _ = FollowAsync(Self);
        LoadSpec();
    }

    /// <inheritdoc/>
    protected override void PostStop() => _stopped.Cancel();

    private async Task FollowAsync(IActorRef self)
    {
        try
        {
            await foreach (var report in _services.Progress.FollowAsync(_directory, _stopped.Token)) self.Tell(report);
        }
        catch (OperationCanceledException)
        {
            // The boot is over.
        }
        catch (Exception e)
        {
            self.Tell(new FollowEnded(e));
        }
    }

    private void OnReport(GuestReport report)
    {
        if (!_guestReports) Timers.StartSingleTimer("silence", Silence.Instance, SshReportLimit);
        // Only the first word comes without delay; it tells when the kernel began.
        if (!_guestReports && _launched is { } launched) _firmware = (_services.Time.GetUtcNow() - launched).TotalSeconds - report.Uptime;
        _guestReports = true;
        if (News(report.Kind) is { } news) _trace = _trace.Add(report.Uptime, news, report.Text);
        // A guest that has rebooted is not ready again before it says so.
        _isReady &= _trace.IsReady;
        switch (report.Kind)
        {
            case GuestReportKind.Phase:
                if (report.Text == NetworkPhase) OnNetwork();
                // One step for users, however many scripts run in it.
                if (IsScript(report.Text)) Publish(BootScriptsStep, BootScriptCauses.Title(report.Text));
                else Publish(report.Text, "");
                break;
            case GuestReportKind.Line:
                Publish(BootScriptsStep, report.Text);
                break;
            case GuestReportKind.Ssh:
                _hasServer = true;
                Context.Parent.Tell(new VmChildProtocol.TrySsh(_hasNetwork));
                Publish("ssh", "");
                break;
            case GuestReportKind.Met:
                Met(report.Text);
                break;
            case GuestReportKind.Ready:
                OnReady();
                break;
        }
    }

    /// <summary>A server that listens before the guest has its address cannot be reached yet.</summary>
    private void OnNetwork()
    {
        _hasNetwork = true;
        if (_hasServer) Context.Parent.Tell(new VmChildProtocol.TrySsh(IsReachable: true));
    }

    /// <summary>What the boot came to is told before the boot counts as over, so that whoever waits for that hears of it.</summary>
    private void OnReady()
    {
        if (_isReady) return;
        _isReady = true;
        if (_guestReports) Context.Parent.Tell(new VmReports.BootTimed(_trace.Seconds, _trace.Phases(_firmware)));
        var failures = _trace.Failures;
        if (failures.Count > 0) Context.Parent.Tell(new VmReports.Degraded(BootScriptCauses.Failed(failures, _directory.Name.Value)));
        _pause = _services.Settings.SshRetryMin;
        Met(Domain.Vms.Readiness.BootScripts);
        // A guest that rebooted by itself may be well now.
        if (failures.Count == 0) Context.Parent.Tell(new VmReports.Healed(VmCauses.BootScripts));
        AskNext();
    }

    private void Met(string requirement)
    {
        if (Settle(requirement)) Context.Parent.Tell(new VmReports.RequirementMet(requirement));
    }

    private void Failed(string requirement, string reason)
    {
        if (Settle(requirement)) Context.Parent.Tell(new VmReports.RequirementFailed(requirement, reason));
    }

    /// <summary>False for what is not needed, or settled already.</summary>
    private bool Settle(string requirement)
    {
        if (!IsNeeded(requirement)) return false;
        _settled.Add(requirement);
        if (_isReady && _needed.FirstOrDefault(r => IsNeeded(r.Name)) is { } next) Publish($"waiting for {next.Description}", "");
        AskNext();
        return true;
    }

    private bool IsNeeded(string requirement) => !_settled.Contains(requirement) && _needed.Any(r => r.Name == requirement);

    private static bool IsScript(string phase) =>
        phase.StartsWith("script ", StringComparison.Ordinal) || phase.StartsWith("provision ", StringComparison.Ordinal);

    private static BootNews? News(GuestReportKind kind) => kind switch
    {
        GuestReportKind.Phase => BootNews.Phase,
        GuestReportKind.Line => BootNews.Line,
        GuestReportKind.Warn => BootNews.Warn,
        GuestReportKind.End => BootNews.End,
        GuestReportKind.Met => BootNews.Met,
        GuestReportKind.Ready => BootNews.Ready,
        _ => null,
    };

    private void Publish(string step, string detail) =>
        Context.System.EventStream.Publish(new VmProgress(_id, _directory.Name.Value, new StepProgress(step, detail)));

    private sealed class Silence
    {
        public static readonly Silence Instance = new();
    }

    private sealed record FollowEnded(Exception Cause);
}
