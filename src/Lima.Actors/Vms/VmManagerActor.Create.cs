using Akka.Actor;
using Lima.Domain.Catalog;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;

namespace Lima.Actors.Vms;

/// <summary>Making VMs: the directory first, then the catalogue; who asked is answered once the VM has said how it is.</summary>
public sealed partial class VmManagerActor
{
    private void OnCreate(VmProtocol.Create create)
    {
        var (id, sender) = (create.Id, Sender);
        if (ViewOf(id) is { } view)
        {
            sender.Tell(new VmProtocol.Accepted(view, Changed: false));
            return;
        }

        if (_catalog.Find(create.Name.Value) is { } existing && existing != id)
        {
            sender.Tell(new VmProtocol.Rejected(new VmError(
                "instance-exists", $"instance `{create.Name}` already exists",
                $"start it with `limactl start {create.Name}`, or choose another name with --name")));
            return;
        }

        var isUnderWay = _creators.ContainsKey(id) || _catalog.Names.ContainsKey(id);
        Await(id, sender);
        if (isUnderWay) return;
        _origins[id] = VmOrigins.Created;
        Task.Run(() => _services.Store.Create(id, create.Name, create.Yaml)).PipeTo(
            Self, sender,
            success: () => new CreateDone(create, null),
            failure: e => new CreateDone(create, e.GetBaseException()));
    }

    private void OnCreateDone(CreateDone done)
    {
        var id = done.Request.Id;
        if (done.Failure is { } failure)
        {
            _origins.Remove(id);
            Answer(id, new VmProtocol.Rejected(failure is DriverException driver
                ? new VmError(driver.Cause.Code, driver.Cause.Message, driver.Cause.Hint)
                : new VmError("create-failed", failure.Message, "see host.log")));
            return;
        }

        // A scan may have found the directory before its maker said that it is done.
        if (_catalog.Names.ContainsKey(id)) Made(id);
        else StoreAll([new CatalogEvents.Registered(Now, id.Value, done.Request.Name.Value)], () => Made(id));
    }

    private void Made(VmId id)
    {
        Spawn(id);
        if (ViewOf(id) is { } view) Answer(id, new VmProtocol.Accepted(view, Changed: true));
    }

    private void Answer(VmId id, VmProtocol.Reply reply)
    {
        if (!_creators.Remove(id, out var creators)) return;
        foreach (var creator in creators) creator.Tell(reply);
    }

    private void Await(VmId id, IActorRef creator)
    {
        if (!_creators.TryGetValue(id, out var waiting)) _creators[id] = waiting = [];
        waiting.Add(creator);
    }

    private sealed record CreateDone(VmProtocol.Create Request, Exception? Failure);
}
