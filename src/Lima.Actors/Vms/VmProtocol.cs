using System.Collections.Immutable;
using Akka.Actor;
using Lima.Domain.Mounts;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Actors.Vms;

/// <summary>What goes between the edge of the host, the manager, and the VMs.</summary>
public static class VmProtocol
{
    /// <summary>A command for the VM of that name.</summary>
    public sealed record Envelope(string Name, VmCommand Command);

    /// <summary>Makes a VM. Sending the same <paramref name="Id"/> again changes nothing.</summary>
    public sealed record Create(VmId Id, VmName Name, string Yaml);

    /// <summary>Compare the catalogue with the directories; answered with <see cref="Scanned"/>.</summary>
    public sealed record Scan;

    /// <summary>The catalogue agrees with the directories.</summary>
    public sealed record Scanned;

    /// <summary>Ask whether QEMU and SSH answer.</summary>
    public sealed record CheckAlive;

    /// <summary>Answer to a command.</summary>
    public abstract record Reply;

    /// <summary>Stored; it will be carried out.</summary>
    /// <param name="View">The VM after that.</param>
    /// <param name="Changed">False when it was already so.</param>
    public sealed record Accepted(VmView View, bool Changed) : Reply;

    /// <summary>Refused; nothing happened.</summary>
    public sealed record Rejected(VmError Error) : Reply;

    /// <summary>A directory of that identity is about to appear, and this is how it comes.</summary>
    internal sealed record Expect(VmId Id, string Origin);

    /// <summary>The VM's actor has nothing to do and may be stopped.</summary>
    internal sealed record Passivate(VmId Id);

    /// <summary>Stop, if there is still nothing to do.</summary>
    internal sealed record StopIfIdle;

    /// <summary>There is something to do again.</summary>
    internal sealed record NotIdle(VmId Id);

    /// <summary>A VM's actor says how it is: after its recovery, and after each event.</summary>
    /// <param name="View">How it is.</param>
    /// <param name="IsCertain">False while QEMU is being looked for: then the view is what was stored, perhaps long ago.</param>
    internal sealed record Changed(VmView View, bool IsCertain = true);
}

/// <summary>How a VM is; immutable, shared with readers.</summary>
/// <param name="Id">Identity.</param>
/// <param name="State">Its state.</param>
/// <param name="SequenceNr">Number of its newest event.</param>
public sealed record VmView(VmId Id, VmState State, long SequenceNr)
{
    /// <summary>How its mounts were when they were last looked at; not stored, since looking again tells.</summary>
    public ImmutableArray<MountStatus> Mounts { get; init; } = [];
}

/// <summary>Published on the event stream after an event was stored.</summary>
public sealed record VmEventStored(VmId Id, string Name, long SequenceNr, VmEvent Event, VmView View);

/// <summary>Published on the event stream: passing news of a start.</summary>
public sealed record VmProgress(VmId Id, string Name, Drivers.StepProgress Progress);

/// <summary>
/// What the API reads. The manager alone writes it; a reader takes the whole immutable map, so a list never asks a VM.
/// </summary>
public sealed class VmReadModel
{
    private volatile ImmutableSortedDictionary<string, VmView> _views = ImmutableSortedDictionary.Create<string, VmView>(StringComparer.Ordinal);
    private volatile ImmutableDictionary<VmId, string> _names = ImmutableDictionary<VmId, string>.Empty;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All VMs by name.</summary>
    public ImmutableSortedDictionary<string, VmView> Views => _views;

    /// <summary>The names of all VMs, also of those that are not recovered yet.</summary>
    public IEnumerable<string> Names => _names.Values;

    /// <summary>Completes when every VM has been recovered after the host's start.</summary>
    public Task Ready => _ready.Task;

    internal void Set(VmView view)
    {
        // A rename leaves no second entry behind.
        var stale = _views.Where(v => v.Value.Id == view.Id && v.Key != view.State.Name).Select(v => v.Key);
        _views = _views.RemoveRange(stale).SetItem(view.State.Name, view);
    }

    internal void Remove(VmId id) => _views = _views.RemoveRange(_views.Where(v => v.Value.Id == id).Select(v => v.Key));

    internal void SetNames(ImmutableDictionary<VmId, string> names) => _names = names;

    internal void SetReady() => _ready.TrySetResult();
}
