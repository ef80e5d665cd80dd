using System.Collections.Immutable;
using Lima.Domain.Vms;

namespace Lima.Domain.Catalog;

/// <summary>What happened to the list of VMs. Fields are only ever added.</summary>
/// <param name="At">When it was noticed.</param>
/// <param name="Id">Which VM.</param>
public abstract record CatalogEvent(DateTimeOffset At, string Id);

/// <summary>The events there are.</summary>
public static class CatalogEvents
{
    /// <summary>A VM is known from now on.</summary>
    public sealed record Registered(DateTimeOffset At, string Id, string Name) : CatalogEvent(At, Id);
    /// <summary>Its directory has another name.</summary>
    public sealed record Renamed(DateTimeOffset At, string Id, string Name) : CatalogEvent(At, Id);
    /// <summary>It was deleted, or its directory is gone.</summary>
    public sealed record Removed(DateTimeOffset At, string Id) : CatalogEvent(At, Id);
}

/// <summary>An instance directory on disk.</summary>
/// <param name="Id">Identity written in it.</param>
/// <param name="Name">Its name.</param>
public sealed record FoundInstance(VmId Id, VmName Name);

/// <summary>
/// Which VMs there are. Only a cache: the instance directories are the truth, and <see cref="Reconcile"/> brings this in
/// line with them, also when the journal was lost.
/// </summary>
public sealed record CatalogState
{
    /// <summary>Nothing known yet.</summary>
    public static readonly CatalogState Empty = new();

    /// <summary>Names by identity.</summary>
    public ImmutableDictionary<VmId, string> Names { get; init; } = ImmutableDictionary<VmId, string>.Empty;

    /// <summary>The state after an event.</summary>
    public CatalogState Apply(CatalogEvent e) => e switch
    {
        CatalogEvents.Registered r => this with { Names = Names.SetItem(new VmId(r.Id), r.Name) },
        CatalogEvents.Renamed r => this with { Names = Names.SetItem(new VmId(r.Id), r.Name) },
        CatalogEvents.Removed r => this with { Names = Names.Remove(new VmId(r.Id)) },
        _ => throw new InvalidOperationException($"event {e.GetType().Name} is unknown to this version"),
    };

    /// <summary>Which VM has a name; null when none has.</summary>
    public VmId? Find(string name)
    {
        foreach (var (id, known) in Names)
        {
            if (known == name) return id;
        }

        return null;
    }

    /// <summary>
    /// The events that bring the catalogue in line with the directories. A VM whose directory is gone stays as long as
    /// <paramref name="mustStay"/> says so (it lives, or its deletion is under way).
    /// </summary>
    public ImmutableArray<CatalogEvent> Reconcile(IReadOnlyCollection<FoundInstance> found, Func<VmId, bool> mustStay, DateTimeOffset now)
    {
        var present = found.ToDictionary(f => f.Id, f => f.Name.Value);
        var gone = Names.Keys
            .Where(id => !present.ContainsKey(id) && !mustStay(id))
            .Select(id => (CatalogEvent)new CatalogEvents.Removed(now, id.Value));
        var changed = present
            .Where(p => Names.GetValueOrDefault(p.Key) != p.Value)
            .Select(p => Names.ContainsKey(p.Key)
                ? (CatalogEvent)new CatalogEvents.Renamed(now, p.Key.Value, p.Value)
                : new CatalogEvents.Registered(now, p.Key.Value, p.Value));
        return [.. gone, .. changed];
    }
}
