using Akka.Actor;
using Akka.Event;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;
using Lima.Drivers.Instances;

namespace Lima.Actors.Instances;

/// <summary>
/// Works on the files of one instance that is down: writes its configuration, copies, renames, resets it. Each is done
/// after whatever was under way for this VM has ended, also what an earlier life of this actor had begun.
/// </summary>
internal sealed class InstanceFilesActor : ReceiveActor
{
    private readonly VmId _id;
    private readonly VmName _name;
    private readonly VmServices _services;
    private readonly IActorRef _parent = Context.Parent;
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public InstanceFilesActor(VmId id, VmName name, VmServices services)
    {
        (_id, _name, _services) = (id, name, services);
        var files = services.Files;
        var progress = new Publisher(Context.System.EventStream, id, name.Value);
        Receive<VmEffect.WriteConfiguration>(e => Do(
            VmIntent.Editing, VmCauses.EditFailed, "writing lima.yaml", new VmReports.Edited(), _ => files.WriteConfiguration(_name, e.Yaml)));
        Receive<VmEffect.SaveForwards>(e => Do(
            new VmReports.ForwardsSaved(e.Change), cause => new VmReports.ForwardsNotSaved(e.Change, cause with { Code = VmCauses.ForwardsNotSaved }),
            VmCauses.ForwardsNotSaved, "writing lima.yaml", _ =>
            {
                files.ChangeConfiguration(_name, e.Change);
                return Task.CompletedTask;
            }));
        Receive<VmEffect.CloneInstance>(e => Do(
            VmIntent.Cloning, VmCauses.CloneFailed, "cloning the instance", new VmReports.Cloned(e.CloneId),
            cancel => files.CloneAsync(_name, new VmId(e.CloneId), VmName.Parse(e.CloneName), progress, cancel)));
        Receive<VmEffect.RenameInstance>(e => Do(
            VmIntent.Renaming, VmCauses.RenameFailed, "renaming the instance", new VmReports.Renamed(e.NewName),
            cancel => files.RenameAsync(_id, _name, VmName.Parse(e.NewName), cancel)));
        Receive<VmEffect.ResetInstance>(_ => Do(
            VmIntent.Resetting, VmCauses.ResetFailed, "resetting the instance", new VmReports.FactoryReset(), _ => files.FactoryReset(_name)));
        Receive<Done>(done =>
        {
            // What an earlier life of this actor had begun is begun again by this one.
            if (ReferenceEquals(done.Life, _stopped)) _parent.Tell(done.Report);
        });
    }

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmName name, VmServices services) =>
        Akka.Actor.Props.Create(() => new InstanceFilesActor(id, name, services));

    /// <inheritdoc/>
    protected override void PostStop() => _stopped.Cancel();

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        _parent.Tell(new VmChildProtocol.RetryChild(VmChildren.FilesRole));
    }

    private void Do(VmIntent intent, string code, string step, VmReport done, Action<CancellationToken> work) => Do(intent, code, step, done, cancel =>
    {
        work(cancel);
        return Task.CompletedTask;
    });

    private void Do(VmIntent intent, string code, string step, VmReport done, Func<CancellationToken, Task> work) =>
        Do(done, cause => new VmReports.ErrandFailed(intent, cause), code, step, work);

    private void Do(VmReport done, Func<VmCause, VmReport> failed, string code, string step, Func<CancellationToken, Task> work)
    {
        var life = _stopped;
        _services.Boots.Run(_id, async () =>
        {
            life.Token.ThrowIfCancellationRequested();
            await work(life.Token);
            return true;
        }).PipeTo(
            Self,
            success: _ => new Done(life, done),
            failure: e => new Done(life, failed(Cause(e.GetBaseException(), code, step))));
    }

    private static VmCause Cause(Exception e, string code, string step) => e is DriverException driver
        ? driver.Cause
        : new VmCause(code, step, e.Message, "see host.log");

    private sealed record Done(CancellationTokenSource Life, VmReport Report);

    private sealed class Publisher(EventStream stream, VmId id, string name) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => stream.Publish(new VmProgress(id, name, value));
    }
}
