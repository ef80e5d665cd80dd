using System.Collections.Immutable;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms.Simulation;

/// <summary>One thing that a simulated hour is made of.</summary>
/// <param name="Kind">A command's words, or one of <see cref="Simulation"/>'s words for what happens to the host and the world.</param>
/// <param name="Choice">Which of the possible happenings, for <see cref="Simulation.World"/>.</param>
public sealed record Step(string Kind, int Choice);

/// <summary>A VM's story and the world it lives in, driven by steps.</summary>
internal sealed class Simulation
{
    public const string World = "world";
    public const string Crash = "host ends";
    public const string CrashNext = "host ends after storing";
    public const string Reboot = "workstation reboots";
    public const string Lose = "journal is lost";
    public const string Again = "another VM is created after a deletion";
    public const string Deafen = "guest stops or starts listening";
    public const string Sicken = "guest stops or starts becoming ready";

    public static readonly ImmutableArray<string> Commands =
        ["start", "stop", "stop --force", "restart", "restart --force", "pause", "resume", "delete", "delete --force", "edit", "clone", "rename", "factory-reset", "mount add", "mount remove", "change ports"];

    private FakeWorld _world = new();
    private readonly List<string> _log = [];
    private bool _crashNext;

    public Simulation() => Tell(new VmReports.Registered("dev", VmOrigins.Created));

    public VmStory Story { get; private set; } = new();

    /// <summary>What has happened, for failure messages.</summary>
    public string Log => string.Join(Environment.NewLine, _log);

    public void Run(IEnumerable<Step> steps)
    {
        foreach (var step in steps) Run(step);
    }

    /// <summary>Lets everything that the world owes happen, with no further wish of a user, until nothing is left to happen.</summary>
    public void Settle()
    {
        _crashNext = false;
        for (var turns = 0; ; turns++)
        {
            var owed = _world.Happenings().FindAll(h => h.Kind != FakeWorld.Owed.Never);
            if (owed.Count == 0) return;
            if (turns > 100) throw new InvalidOperationException("it never comes to rest");
            Happen(owed.Find(h => h.Kind == FakeWorld.Owed.Always) ?? owed[0]);
        }
    }

    /// <summary>What must hold once nothing is left to happen. Null when all is well.</summary>
    public string? Unsettled()
    {
        var state = Story.State;
        var alive = state.Phase is VmPhase.Running or VmPhase.Paused;
        if (_world.HasJob) return "a boot job is left over";
        if (state.Intent != VmIntent.None) return $"{state.Intent} is pending for ever in {state.Phase}";
        if (state.Phase == VmPhase.Starting) return "Starting for ever";
        if (state.Process != _world.Qemu) return $"the state says {state.Process}, the world has {_world.Qemu}";
        if (alive != (_world.Qemu is not null)) return $"{state.Phase}, and QEMU {(alive ? "is gone" : "lives")}";
        return alive && _world.Halted != (state.Phase == VmPhase.Paused) ? $"{state.Phase}, and the processors {(_world.Halted ? "are halted" : "run")}" : null;
    }

    private void Run(Step step)
    {
        _log.Add($"# {step.Kind} {step.Choice}");
        switch (step.Kind)
        {
            case World:
                var possible = Possible(step.Choice % 16);
                if (possible.Count > 0) Happen(possible[step.Choice / 16 % possible.Count]);
                break;
            case Crash:
                _world.LoseHost();
                Recover();
                break;
            case CrashNext:
                _crashNext = true;
                break;
            case Reboot:
                _world.Reboot();
                Recover();
                break;
            case Lose:
                // A directory without a journal is taken up as found; one that is gone is not.
                if (!Story.State.Exists) break;
                _world.LoseHost();
                Story = new VmStory();
                Tell(new VmReports.Registered("dev", VmOrigins.Found));
                break;
            case Deafen:
                _world.Deaf = !_world.Deaf;
                break;
            case Sicken:
                _world.Healthy = !_world.Healthy;
                break;
            case Again:
                if (!Story.State.IsDeleted) break;
                _world = new FakeWorld();
                Story = new VmStory();
                Tell(new VmReports.Registered("dev", VmOrigins.Created));
                break;
            default:
                if (_world.IsVerifying) break;
                Story.Handle(Say.Command(step.Kind));
                Perform();
                break;
        }
    }

    /// <summary>Mostly what is due: a world of nothing but accidents and deadlines never gets far.</summary>
    private List<FakeWorld.Happening> Possible(int luck)
    {
        var all = _world.Happenings();
        if (luck > 0) all.RemoveAll(h => h.Kind == FakeWorld.Owed.Never);
        if (luck > 1 && all.Exists(h => h.Kind == FakeWorld.Owed.Always)) all.RemoveAll(h => h.Kind == FakeWorld.Owed.Timer);
        return all;
    }

    private void Happen(FakeWorld.Happening happening)
    {
        _log.Add("  " + happening.Name);
        if (happening.Do() is { } report) Tell(report);
    }

    private void Tell(VmReport report)
    {
        Story.Handle(report);
        _log.Add($"  {report.GetType().Name} -> {Story.State.Phase} ({Story.State.Intent})");
        Perform();
    }

    private void Perform()
    {
        if (_crashNext && Story.Effects.Length > 0)
        {
            _crashNext = false;
            _log.Add("  the host ends before the effects");
            _world.LoseHost();
            Recover();
            return;
        }

        foreach (var effect in Story.Effects)
        {
            _log.Add("    " + effect);
            _world.Perform(effect);
        }
    }

    private void Recover()
    {
        Story.Recover();
        foreach (var effect in Story.Effects)
        {
            _log.Add("    recovery: " + effect);
            _world.Perform(effect);
        }
    }
}
