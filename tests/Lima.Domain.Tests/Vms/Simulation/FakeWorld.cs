using System.Collections.Immutable;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms.Simulation;

/// <summary>
/// A world that answers effects: one QEMU, one boot job, one watch, timers, a directory. It throws when it is asked for
/// something that would do harm, such as a second QEMU or a removal under a living one. Nothing happens by itself: the
/// test picks from <see cref="Happenings"/>.
/// </summary>
internal sealed class FakeWorld
{
    /// <summary>Something that may happen next.</summary>
    /// <param name="Name">For failure messages.</param>
    /// <param name="Kind">Whether the world owes it.</param>
    /// <param name="Do">Makes it happen; the report that is delivered, if any.</param>
    public sealed record Happening(string Name, Owed Kind, Func<VmReport?> Do);

    /// <summary>How sure it is that something happens.</summary>
    public enum Owed
    {
        /// <summary>Comes in the end.</summary>
        Always,

        /// <summary>Comes in the end when nothing else does.</summary>
        Timer,

        /// <summary>May come or not: failures, and what guests do by themselves.</summary>
        Never,
    }

    private sealed record Job(int Attempt, int Port, bool Launching, bool Cancelled = false);

    private readonly List<(string Source, VmReport Report)> _mail = [];
    private readonly List<VmEffect> _qmp = [];
    private readonly HashSet<string> _shown = [];
    private Job? _job;
    private VmEffect? _errand;
    private bool _verifying, _rebooted, _watched, _readiness, _removing, _powerPressed;
    private int? _startDeadline, _stopDeadline;
    private int _processes;

    /// <summary>What must hold before a VM of this world runs; the last may also fail for good.</summary>
    public static ImmutableArray<Requirement> Requirements { get; } = [.. Readiness.Usual, new(Readiness.Probe(0), "a probe"), new(Readiness.CopyToHost, "a copy")];

    /// <summary>The living QEMU.</summary>
    public ProcessIdentity? Qemu { get; private set; }

    /// <summary>Whether its processors are halted.</summary>
    public bool Halted { get; private set; }

    /// <summary>Whether the guest hears the power button.</summary>
    public bool Deaf { get; set; }

    /// <summary>Whether the guest becomes ready in the end.</summary>
    public bool Healthy { get; set; } = true;

    /// <summary>No command may be decided before this is over.</summary>
    public bool IsVerifying => _verifying;

    public bool HasJob => _job is not null;

    /// <summary>Carries out an effect, or remembers to.</summary>
    public void Perform(VmEffect effect)
    {
        switch (effect)
        {
            case VmEffect.PrepareBoot p:
                Forbid(Qemu is not null, "boot files may not be touched while QEMU lives");
                Forbid(_job is not null, "a boot is being prepared already");
                Forbid(_errand is not null, "the files are being worked on");
                _job = new Job(p.Attempt, p.SshPort == 0 ? 60022 : p.SshPort, Launching: false);
                break;
            case VmEffect.LaunchQemu l:
                Forbid(Qemu is not null, "QEMU lives already");
                Forbid(_job is not null, "a boot job is under way already");
                _job = new Job(l.Attempt, l.SshPort, Launching: true);
                break;
            case VmEffect.CancelBoot:
                Forbid(_job is null && !_verifying && !_mail.Exists(m => m.Source == "boot"), "there is no boot to cancel, so no answer will come");
                _job = _job is null ? null : _job with { Cancelled = true };
                break;
            case VmEffect.VerifyQemu:
                _verifying = true;
                break;
            case VmEffect.WatchQemu w:
                _watched = true;
                if (w.Process != Qemu) Post("qemu", new VmReports.Exited(ExitKind.Crash, ""));
                break;
            case VmEffect.WatchReadiness:
                _readiness = true;
                break;
            case VmEffect.KillQemu:
                Forbid(Qemu is null && !_mail.Exists(m => m.Source == "qemu"), "there is no QEMU to end, so no answer will come");
                Die(ExitKind.Crash);
                break;
            case VmEffect.PowerDown or VmEffect.PauseQemu or VmEffect.ResumeQemu:
                _qmp.Add(effect);
                break;
            case VmEffect.ArmStartDeadline a:
                _startDeadline = a.Attempt;
                break;
            case VmEffect.ArmStopDeadline a:
                _stopDeadline = a.Attempt;
                break;
            case VmEffect.CancelDeadlines:
                _startDeadline = _stopDeadline = null;
                break;
            case VmEffect.CleanUp:
                Forbid(Qemu is not null, "a living QEMU still needs its files");
                StopChildren();
                break;
            case VmEffect.RemoveInstance:
                Forbid(Qemu is not null, "the directory of a living QEMU may not go");
                _removing = true;
                break;
            case VmEffect.OpenSsh or VmEffect.CloseSsh or VmEffect.ChangeMounts or VmEffect.ChangeForwards:
                break;
            case VmEffect.WriteConfiguration or VmEffect.CloneInstance or VmEffect.RenameInstance or VmEffect.ResetInstance:
                Forbid(Qemu is not null, "nobody works on the files of a living QEMU");
                Forbid(_job is not null, "nobody works on files that a boot is being prepared from");
                Forbid(_errand is not null, "files are being worked on already");
                _errand = effect;
                break;
            default:
                throw new InvalidOperationException($"the world does not know {effect}");
        }
    }

    /// <summary>The host process ends: everything that only it knew is gone, QEMU lives on.</summary>
    public void LoseHost()
    {
        StopChildren();
        _mail.Clear();
        _job = null;
        _errand = null;
        _verifying = _removing = false;
        _startDeadline = _stopDeadline = null;
    }

    /// <summary>The workstation reboots: QEMU is gone too.</summary>
    public void Reboot()
    {
        LoseHost();
        Qemu = null;
        _rebooted = true;
    }

    /// <summary>All that can happen now.</summary>
    public List<Happening> Happenings()
    {
        List<Happening> all = [];
        foreach (var source in _mail.Select(m => m.Source).Distinct())
            all.Add(new("mail of " + source, Owed.Always, () => Deliver(source)));
        if (_verifying) all.Add(new("verified", Owed.Always, Verified));
        if (_job is not null) AddJob(all, _job);
        if (_removing)
        {
            all.Add(new("removed", Owed.Always, () => Removed(new VmReports.Removed())));
            all.Add(new("removal fails", Owed.Never, () => Removed(new VmReports.RemoveFailed(Say.Cause(VmCauses.RemoveFailed)))));
        }

        if (_errand is { } errand)
        {
            all.Add(new("errand done", Owed.Always, () => Did(Report(errand))));
            all.Add(new("errand fails", Owed.Never, () => Did(Say.Failed(Intent(errand)))));
        }

        AddTimers(all);
        if (Qemu is not null) AddGuest(all);
        return all;
    }

    private void AddJob(List<Happening> all, Job job)
    {
        var success = job.Cancelled ? Owed.Never : Owed.Always;
        var failure = job.Cancelled ? Owed.Always : Owed.Never;
        if (job.Launching)
        {
            all.Add(new("launched", success, () => Finish(() => { Boot(); return new VmReports.Launched(job.Attempt, Qemu!); })));
            all.Add(new("launch fails", failure, () => Finish(() => new VmReports.LaunchFailed(job.Attempt, Say.Cause(VmCauses.LaunchFailed)))));
        }
        else
        {
            all.Add(new("prepared", success, () => Finish(() => new VmReports.Prepared(job.Attempt, job.Port, Requirements))));
            all.Add(new("preparing fails", failure, () => Finish(() => new VmReports.PrepareFailed(job.Attempt, Say.Cause(VmCauses.PrepareFailed)))));
        }
    }

    private void AddTimers(List<Happening> all)
    {
        if (_startDeadline is { } start) all.Add(new("start deadline", Owed.Timer, () => { _startDeadline = null; return new VmReports.StartDeadlinePassed(start); }));
        if (_stopDeadline is { } stop) all.Add(new("stop deadline", Owed.Timer, () => { _stopDeadline = null; return new VmReports.StopDeadlinePassed(stop); }));
    }

    private void AddGuest(List<Happening> all)
    {
        if (_qmp.Count > 0)
        {
            all.Add(new("control command", Owed.Always, Control));
            if (_qmp[0] is not VmEffect.PowerDown) all.Add(new("control refused", Owed.Never, Refuse));
        }

        if (_powerPressed && !Halted && !Deaf) all.Add(new("guest shuts down", Owed.Always, () => Die(ExitKind.GuestShutdown)));
        if (_readiness && !Halted && Healthy)
        {
            foreach (var requirement in Requirements.Select(r => r.Name).Where(r => !_shown.Contains(r)))
                all.Add(new(requirement + " is met", Owed.Always, () => { _shown.Add(requirement); return Post("guest", new VmReports.RequirementMet(requirement)); }));
        }

        if (_readiness && !Halted && !_shown.Contains(Readiness.CopyToHost))
            all.Add(new("copying fails", Owed.Never, () => { _shown.Add(Readiness.CopyToHost); return Post("guest", new VmReports.RequirementFailed(Readiness.CopyToHost, "no such file")); }));
        if (!Halted)
        {
            all.Add(new("guest powers off", Owed.Never, () => Die(ExitKind.GuestShutdown)));
            all.Add(new("guest panics", Owed.Never, () => Die(ExitKind.Panic)));
            all.Add(new("storage fails", Owed.Never, () => { Halted = true; return Post("qemu", new VmReports.StorageFailed("no space")); }));
        }

        all.Add(new("QEMU crashes", Owed.Never, () => Die(ExitKind.Crash)));
    }

    private VmReport? Control()
    {
        var command = _qmp[0];
        _qmp.RemoveAt(0);
        switch (command)
        {
            case VmEffect.PowerDown:
                _powerPressed |= !Halted;
                return null;
            case VmEffect.PauseQemu when !Halted:
                Halted = true;
                return Post("qemu", new VmReports.Paused());
            case VmEffect.ResumeQemu when Halted:
                Halted = false;
                return Post("qemu", new VmReports.Resumed());
            default:
                return null;
        }
    }

    private VmReport? Refuse()
    {
        _qmp.RemoveAt(0);
        return Post("qemu", new VmReports.Refused(Say.Cause(VmCauses.QmpRefused)));
    }

    private VmReport Verified()
    {
        _verifying = false;
        if (Qemu is not null) return new VmReports.Adopted(Qemu, Halted);
        var rebooted = _rebooted;
        _rebooted = false;
        return new VmReports.Lost(rebooted);
    }

    private VmReport? Finish(Func<VmReport> end)
    {
        _job = null;
        return Post("boot", end());
    }

    private VmReport Removed(VmReport report)
    {
        _removing = false;
        return report;
    }

    private VmReport Did(VmReport report)
    {
        _errand = null;
        return report;
    }

    private static VmReport Report(VmEffect errand) => errand switch
    {
        VmEffect.WriteConfiguration => new VmReports.Edited(),
        VmEffect.CloneInstance c => new VmReports.Cloned(c.CloneId),
        VmEffect.RenameInstance r => new VmReports.Renamed(r.NewName),
        _ => new VmReports.FactoryReset(),
    };

    private static VmIntent Intent(VmEffect errand) => errand switch
    {
        VmEffect.WriteConfiguration => VmIntent.Editing,
        VmEffect.CloneInstance => VmIntent.Cloning,
        VmEffect.RenameInstance => VmIntent.Renaming,
        _ => VmIntent.Resetting,
    };

    private void Boot()
    {
        Qemu = Say.Qemu with { Pid = 1000 + ++_processes };
        Halted = _powerPressed = _readiness = false;
        _shown.Clear();
        _qmp.Clear();
    }

    private VmReport? Die(ExitKind kind)
    {
        var reported = Qemu is not null && _watched;
        Qemu = null;
        _qmp.Clear();
        if (reported) Post("qemu", new VmReports.Exited(kind, ""));
        return null;
    }

    private void StopChildren()
    {
        _watched = _readiness = false;
        _qmp.Clear();
        _mail.RemoveAll(m => m.Source is "qemu" or "guest");
    }

    private VmReport? Post(string source, VmReport report)
    {
        _mail.Add((source, report));
        return null;
    }

    private VmReport Deliver(string source)
    {
        var index = _mail.FindIndex(m => m.Source == source);
        var report = _mail[index].Report;
        _mail.RemoveAt(index);
        return report;
    }

    private static void Forbid(bool wrong, string why)
    {
        if (wrong) throw new InvalidOperationException(why);
    }
}
