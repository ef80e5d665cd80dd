using Akka.Actor;
using Akka.Event;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;

namespace Lima.Actors.Names;

/// <summary>
/// Sees to it that the guest of one VM has its name server at the host: there since the launch, or made again by a host that found the VM
/// running. Somebody else may have the port then; so it is tried again and again.
/// </summary>
public sealed class NamesActor : ReceiveActor, IWithTimers
{
    private readonly VmId _id;
    private readonly InstanceDirectory _directory;
    private readonly VmServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IActorRef _parent = Context.Parent;
    private TimeSpan _wait;
    private string? _told;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public NamesActor(VmId id, VmName name, VmServices services)
    {
        (_id, _services, _directory) = (id, services, services.Store.Home.Instance(name));
        _wait = services.Settings.BackoffMin;
        Receive<Try>(_ => Resume());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmName name, VmServices services) => Akka.Actor.Props.Create(() => new NamesActor(id, name, services));

    /// <inheritdoc/>
    protected override void PreStart() => Resume();

    // At once, so that a stop which comes next closes what was opened.
    private void Resume()
    {
        var problem = Problem();
        Tell(problem);
        if (problem is null) return;
        Timers.StartSingleTimer("again", Try.Instance, _wait);
        _wait = TimeSpan.FromTicks(Math.Min(_wait.Ticks * 2, _services.Settings.BackoffMax.Ticks));
    }

    private VmCause? Problem()
    {
        try
        {
            _services.Names.Resume(_id, _directory, _services.Specs.Load(_id, _directory));
            return null;
        }
        catch (DriverException e)
        {
            // Whatever kept it from being served, it is this that is missing.
            return e.Cause with { Code = VmCauses.HostResolver };
        }
    }

    private void Tell(VmCause? problem)
    {
        var told = problem?.Message ?? "";
        if (told == _told) return;
        _told = told;
        if (problem is not null) _log.Warning("{VmName}: {Reason}", _directory.Name, problem.Message);
        _parent.Tell(new VmChildProtocol.NamesAre(problem));
    }

    private sealed class Try
    {
        public static readonly Try Instance = new();
    }
}
