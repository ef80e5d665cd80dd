using Akka.Actor;
using Akka.Event;
using Lima.Domain.Vms.Messages;

namespace Lima.Actors.Vms;

/// <summary>
/// Answers commands whose receiver has ended before it came to them: those that waited behind one whose event could not
/// be stored, or for a recovery that failed. Without it their senders would wait in vain.
/// </summary>
public sealed class LostCommandsActor : ReceiveActor
{
    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public LostCommandsActor() => Receive<DeadLetter>(letter =>
    {
        if (letter.Message is VmCommand or VmProtocol.Envelope or VmProtocol.Create) letter.Sender.Tell(VmManagerActor.StoreUnavailable);
    });

    /// <summary>How to make one.</summary>
    public static Props Props() => Akka.Actor.Props.Create(() => new LostCommandsActor());

    /// <inheritdoc/>
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));

    /// <inheritdoc/>
    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
