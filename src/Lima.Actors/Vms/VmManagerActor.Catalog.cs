using Akka.Actor;
using Akka.Event;
using Lima.Domain.Catalog;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Actors.Vms;

/// <summary>Keeping the catalogue in line with the instance directories.</summary>
public sealed partial class VmManagerActor
{
    private void OnScan()
    {
        var (sender, known) = (Sender, _catalog);
        Task.Run(_services.Store.Scan).PipeTo(
            Self, sender,
            success: found => new Found(found, known, null),
            failure: e => new Found([], known, e.GetBaseException()));
    }

    private void OnFound(Found found)
    {
        var sender = Sender;
        if (found.Failure is { } failure)
        {
            _log.Error(failure, "the instance directories cannot be read");
            // What the catalogue knows lives on all the same.
            foreach (var id in _catalog.Names.Keys) Spawn(id);
            _hasScanned = true;
            Recovered(null);
            sender.Tell(new VmProtocol.Scanned());
            return;
        }

        _missing.Clear();
        // One that was made since the directories were read is not missing.
        _missing.UnionWith(found.Known.Names.Keys.Except(found.Instances.Select(i => i.Id)));
        var events = _catalog.Reconcile(found.Instances, id => !_missing.Contains(id) || MustStay(id), Now);
        foreach (var registered in events.OfType<CatalogEvents.Registered>()) _origins.TryAdd(new VmId(registered.Id), VmOrigins.Found);
        StoreAll(events, () =>
        {
            foreach (var id in _catalog.Names.Keys) Spawn(id);
            _hasScanned = true;
            Recovered(null);
            // Answered once what it found can be seen.
            var unseen = _catalog.Names.Keys.Where(id => ViewOf(id) is null && _actors.IsLive(id)).ToHashSet();
            if (unseen.Count == 0) sender.Tell(new VmProtocol.Scanned());
            else _scans.Add((sender, unseen));
        });
    }

    /// <summary>Without its directory a VM stays only while it lives, is being deleted, or is not known yet.</summary>
    private bool MustStay(VmId id) => ViewOf(id) is not { } view
        || view.State.Process is not null || view.State.Phase == VmPhase.Starting || view.State.Intent == VmIntent.Deleting;

    private void StoreAll(IReadOnlyCollection<CatalogEvent> events, Action then)
    {
        if (events.Count == 0)
        {
            then();
            return;
        }

        var left = events.Count;
        PersistAll(events, e =>
        {
            _catalog = _catalog.Apply(e);
            _views.SetNames(_catalog.Names);
            switch (e)
            {
                case CatalogEvents.Removed:
                    _log.Info("{VmId} is no more", e.Id);
                    Forget(new VmId(e.Id));
                    break;
                case CatalogEvents.Renamed r:
                    // A list must not show the old name until the VM's own actor has stored the new one.
                    if (_views.Views.Values.FirstOrDefault(v => v.Id.Value == r.Id) is { } renamed)
                        _views.Set(renamed with { State = renamed.State with { Name = r.Name } });
                    _actors.Tell(new VmId(r.Id), new VmReports.Renamed(r.Name), Self);
                    break;
            }

            if (--left == 0) then();
        });
    }

    /// <summary>A VM can be seen in the read model, or there is no use in waiting for that.</summary>
    private void Seen(VmId id)
    {
        foreach (var scan in _scans.ToList())
        {
            if (!scan.Unseen.Remove(id) || scan.Unseen.Count > 0) continue;
            _scans.Remove(scan);
            scan.Asker.Tell(new VmProtocol.Scanned());
        }
    }

    /// <summary>The read model is complete once every VM has said how it is.</summary>
    private void Recovered(VmId? id)
    {
        if (id is not null) _recovering.Remove(id.Value);
        if (_hasScanned && _recovering.Count == 0) _views.SetReady();
    }

    private sealed record Found(IReadOnlyList<FoundInstance> Instances, CatalogState Known, Exception? Failure);
}
