using System.Collections.Immutable;

namespace Lima.Domain.Mounts;

/// <summary>Something that changed.</summary>
/// <param name="Guest">Its path in the guest.</param>
/// <param name="Host">Its path on the host.</param>
public readonly record struct ChangedPath(string Guest, string Host)
{
    /// <summary>The directory that it lies in; the mount itself for what is not below it.</summary>
    public ChangedPath Parent(ChangedPath mount)
    {
        var (guest, host) = (Directory(Guest), Directory(Host));
        return guest is not null && host is not null && GuestPaths.IsIn(guest, mount.Guest) ? new ChangedPath(guest, host) : mount;
    }

    private static string? Directory(string path) => path.LastIndexOf('/') is var at and > 0 ? path[..at] : null;
}

/// <summary>
/// What the guest is still to be told, each path once, oldest first. When there are too many, a file is replaced by its
/// directory, and at last by its mount: a storm costs detail, never memory.
/// </summary>
/// <param name="pathsMax">Most single paths; half as many directories may follow, and then the mounts.</param>
public sealed class PendingChanges(int pathsMax)
{
    private readonly HashSet<string> _known = [];
    private readonly Queue<ChangedPath> _queue = new();

    /// <summary>How many wait.</summary>
    public int Count => _queue.Count;

    /// <summary>Adds a change.</summary>
    /// <param name="change">What changed.</param>
    /// <param name="mount">The mount that it lies in.</param>
    public void Add(ChangedPath change, ChangedPath mount)
    {
        if (_known.Contains(change.Guest)) return;
        if (_queue.Count >= pathsMax + (pathsMax / 2)) change = mount;
        else if (_queue.Count >= pathsMax) change = change.Parent(mount);
        if (_known.Add(change.Guest)) _queue.Enqueue(change);
    }

    /// <summary>Takes the oldest, as many as fit, but at least one when there is any.</summary>
    /// <param name="room">How much there is.</param>
    /// <param name="cost">What a path of the guest takes of it.</param>
    public ImmutableArray<ChangedPath> Take(int room, Func<string, int> cost)
    {
        var batch = ImmutableArray.CreateBuilder<ChangedPath>();
        while (_queue.TryPeek(out var change) && (room -= cost(change.Guest)) is var left && (left >= 0 || batch.Count == 0))
        {
            _queue.Dequeue();
            _known.Remove(change.Guest);
            batch.Add(change);
        }

        return batch.ToImmutable();
    }
}
