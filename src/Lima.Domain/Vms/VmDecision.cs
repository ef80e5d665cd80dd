using System.Collections.Immutable;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

/// <summary>What the machine makes of an input.</summary>
public abstract record VmDecision
{
    private VmDecision() { }

    /// <summary>Store these events, in this order; then their effects follow.</summary>
    public sealed record Accept(ImmutableArray<VmEvent> Events) : VmDecision;

    /// <summary>It is already so; nothing to store. For a report: it does not matter any more.</summary>
    public sealed record NoChange : VmDecision;

    /// <summary>It cannot be done in this phase.</summary>
    public sealed record Reject(VmError Error) : VmDecision;

    internal static VmDecision Of(params ImmutableArray<VmEvent> events) => new Accept(events);

    internal static readonly VmDecision Nothing = new NoChange();
}

/// <summary>Why a command was refused.</summary>
/// <param name="Code">Stable word for programs.</param>
/// <param name="Message">One sentence, with the phase.</param>
/// <param name="Hint">What to do instead.</param>
public sealed record VmError(string Code, string Message, string Hint);
