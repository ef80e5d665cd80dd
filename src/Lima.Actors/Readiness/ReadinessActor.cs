using Akka.Actor;
using Lima.Actors.Ssh;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Drivers.Progress;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Readiness;

/// <summary>
/// Watches one boot: follows what the guest reports and tells the parent which requirement is met. A guest that reports
/// nothing is asked by SSH instead.
/// </summary>
public sealed class ReadinessActor : ReceiveActor, IWithTimers
{
    private const string BootScriptsStep = "boot-scripts";
    private const string NetworkPhase = "network";
    private const string Marker = "cat /run/lima-boot-done 2>/dev/null";
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SshReportLimit = TimeSpan.FromSeconds(60);

    private readonly VmId _id;
    private readonly InstanceDirectory _directory;
    private readonly VmServices _services;
    private readonly CancellationTokenSource _stopped = new();
    private readonly List<string> _failedScripts = [];
    private IActorRef? _session;
    private bool _guestReports, _hasNetwork, _hasServer;
    private TimeSpan _pause;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public ReadinessActor(VmId id, VmName name, VmServices services)
    {
        _id = id;
        _services = services;
        _directory = services.Store.Home.Instance(name);
        _pause = services.Settings.SshRetryMin;
        Receive<GuestReport>(OnReport);
        Receive<VmChildProtocol.SshUp>(up =>
        {
            _session = up.Session;
            Timers.StartSingleTimer("ask", Ask.Instance, _services.Settings.ProgressSilence);
        });
        Receive<Ask>(_ => OnAsk());
        Receive<Silence>(_ => Context.Parent.Tell(new VmChildProtocol.TrySsh(IsReachable: false)));
        Receive<SshProtocol.Result>(r => OnAnswer(r.Value?.Output ?? ""));
        Receive<FollowEnded>(m => throw new InvalidOperationException("the guest's reports cannot be read", m.Cause));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmName name, VmServices services) =>
        Akka.Actor.Props.Create(() => new ReadinessActor(id, name, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        // SSH may work already: after a restart of this actor, or when it is made late.
        Context.Parent.Tell(new VmChildProtocol.WhichSession());
        // A connection made before the guest's server listens hangs in QEMU's network for seconds, so its word is waited for.
        Timers.StartSingleTimer("silence", Silence.Instance, _services.Settings.ProgressSilence);
        Publish("booting", "");
        _ = FollowAsync(Self);
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
        _guestReports = true;
        switch (report.Kind)
        {
            case GuestReportKind.Phase:
                if (report.Text == NetworkPhase) OnNetwork();
                // One step for users, however many scripts run in it.
                if (report.Text.StartsWith("script ", StringComparison.Ordinal) || report.Text.StartsWith("provision ", StringComparison.Ordinal))
                    Publish(BootScriptsStep, report.Text);
                else Publish(report.Text, "");
                break;
            case GuestReportKind.Line:
                Publish(BootScriptsStep, report.Text);
                break;
            case GuestReportKind.Warn:
                _failedScripts.Add(report.Text);
                break;
            case GuestReportKind.Ssh:
                _hasServer = true;
                Context.Parent.Tell(new VmChildProtocol.TrySsh(_hasNetwork));
                Publish("ssh", "");
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

    private void OnReady()
    {
        Context.Parent.Tell(new VmReports.RequirementMet(Domain.Vms.Readiness.BootScripts));
        if (_failedScripts.Count == 0) return;
        Context.Parent.Tell(new VmReports.Degraded(new VmCause(
            VmCauses.BootScripts, "running the boot scripts", $"failed: {string.Join(", ", _failedScripts.Take(10))}",
            $"see their output: `limactl shell {_directory.Name} sudo cat /var/log/cloud-init-output.log`")));
    }

    /// <summary>Some images have no progress port: then the marker file is read over SSH, more and more seldom.</summary>
    private void OnAsk()
    {
        if (_guestReports || _session is null) return;
        _session.Tell(new SshProtocol.Exec(Marker, AskLimit));
    }

    private void OnAnswer(string marker)
    {
        // /run is empty after each boot, so a marker that is there belongs to this one.
        if (marker.StartsWith("iid-", StringComparison.Ordinal))
        {
            OnReady();
            return;
        }

        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, _services.Settings.SshRetryMax.Ticks));
        Timers.StartSingleTimer("ask", Ask.Instance, _pause);
    }

    private void Publish(string step, string detail) =>
        Context.System.EventStream.Publish(new VmProgress(_id, _directory.Name.Value, new StepProgress(step, detail)));

    private sealed class Silence
    {
        public static readonly Silence Instance = new();
    }

    private sealed class Ask
    {
        public static readonly Ask Instance = new();
    }

    private sealed record FollowEnded(Exception Cause);
}
