using Akka.Actor;
using Akka.Hosting;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Instances;

namespace Lima.Host.Api;

/// <summary>Turns a command for an instance into one actor message, and its answer into the contract's form.</summary>
internal sealed class CommandSender(IRequiredActor<VmManagerActor> manager, VmReadModel model, Views views, IInstanceStore store, HomeWatch watch)
{
    private const int CommandIdMax = 200;
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(30);

    /// <summary>Sends a command to the instance of that name.</summary>
    public async Task<IResult> SendAsync(string name, VmCommand command)
    {
        if (IdProblem(command.CommandId) is { } wrong) return wrong;
        await watch.RescanIfChangedAsync();
        return Refusal(name) ?? await AskAsync(new VmProtocol.Envelope(name, command));
    }

    /// <summary>Why nothing can be done with an instance: another program runs it, or its directory is none. Null when all is well.</summary>
    public IResult? Refusal(string name)
    {
        if (VmName.TryParse(name, out var valid, out _) && ForeignAgent.Of(store.Home.Instance(valid)) is { } pid)
        {
            return Replies.Error(
                "foreign", $"instance `{name}` is run by another program (host agent, process {pid})", "stop it with the program that started it");
        }

        return !model.Views.ContainsKey(name) && store.Unusable.FirstOrDefault(u => u.Directory.Name.Value == name) is { } unusable
            ? Replies.Error("refused", $"instance `{name}` has errors: {unusable.Problem}", $"correct that, or remove the directory {unusable.Directory.Path}")
            : null;
    }

    /// <summary>Sends a message to the manager.</summary>
    public async Task<IResult> AskAsync(object message)
    {
        try
        {
            return await manager.ActorRef.Ask<VmProtocol.Reply>(message, AskLimit) switch
            {
                VmProtocol.Accepted accepted => Replies.Accepted(new Accepted(views.Of(accepted.View), accepted.Changed, accepted.View.SequenceNr)),
                VmProtocol.Rejected rejected => Replies.Error(Views.Of(rejected.Error)),
                var other => throw new InvalidOperationException($"unexpected answer {other.GetType().Name}"),
            };
        }
        catch (AskTimeoutException)
        {
            return Replies.Error("busy", "the host did not answer in time", "look at `limactl host logs`, then try again: repeating a command is harmless");
        }
    }

    /// <summary>The id is stored with the command, so it must be there and be short; null when it is so.</summary>
    public static IResult? IdProblem(string commandId) => commandId.Length is > 0 and <= CommandIdMax
        ? null
        : Replies.Error("invalid", $"commandId must have 1 to {CommandIdMax} characters", "a UUID does well");

    /// <summary>The client's command id as an identity, so that what is made again finds what was made first.</summary>
    public static VmId IdOf(string commandId) => Guid.TryParse(commandId, out var guid)
        ? VmId.From(guid)
        : VmId.From(new Guid(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(commandId)).AsSpan(0, 16)));
}
