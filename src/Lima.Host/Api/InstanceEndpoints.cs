using Akka.Actor;
using Akka.Hosting;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Instances;
using Lima.Host.Specs;

namespace Lima.Host.Api;

/// <summary>Instances over HTTP: reads come from the read model, commands become one actor message each.</summary>
internal sealed class InstanceEndpoints(
    IRequiredActor<VmManagerActor> manager, VmReadModel model, Views views, InstanceSpecs specs, IInstanceStore store, HomeWatch watch)
{
    private const int CommandIdMax = 200;
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DefaultStartTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StartTimeoutMax = TimeSpan.FromHours(24);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/instances", ListAsync);
        app.MapGet("/v1/instances/{name}", GetAsync);
        app.MapPost("/v1/instances", CreateAsync);
        app.MapPost("/v1/instances/{name}/start", (string name, CommandRequest body) => Send(name, new VmCommands.Start(body.CommandId, Timeout(body))));
        app.MapPost("/v1/instances/{name}/stop", (string name, CommandRequest body) => Send(name, new VmCommands.Stop(body.CommandId, body.Force)));
        app.MapPost("/v1/instances/{name}/restart", (string name, CommandRequest body) =>
            Send(name, new VmCommands.Restart(body.CommandId, body.Force, Timeout(body))));
        app.MapPost("/v1/instances/{name}/pause", (string name, CommandRequest body) => Send(name, new VmCommands.Pause(body.CommandId)));
        app.MapPost("/v1/instances/{name}/resume", (string name, CommandRequest body) => Send(name, new VmCommands.Resume(body.CommandId)));
        app.MapPost("/v1/instances/{name}/delete", (string name, CommandRequest body) => DeleteAsync(name, body));
    }

    private async Task<IResult> ListAsync(bool config = false)
    {
        await watch.RescanIfChangedAsync();
        var known = model.Views;
        var all = known.Values.Select(view => views.Of(view, config)).Concat(store.Unusable.Where(u => !known.ContainsKey(u.Directory.Name.Value)).Select(Views.Of));
        return Replies.Ok(new InstanceList([.. all.OrderBy(i => i.Name, StringComparer.Ordinal)]));
    }

    private async Task<IResult> GetAsync(string name, bool config = false)
    {
        await watch.RescanIfChangedAsync();
        if (model.Views.TryGetValue(name, out var view)) return Replies.Ok(views.Of(view, config));
        return Unusable(name) is { } unusable
            ? Replies.Ok(Views.Of(unusable))
            : Replies.Error("instance-not-found", $"instance `{name}` does not exist", "see `limactl list`");
    }

    private async Task<IResult> CreateAsync(CreateRequest body)
    {
        if (IdProblem(body.CommandId) is { } refused) return refused;
        if (!VmName.TryParse(body.Name, out var name, out var problem)) return Replies.Error("invalid", problem);
        var read = specs.Check(body.Yaml, body.Source, store.Home.Instance(name));
        if (read.Spec is null)
        {
            return Replies.Error(new ErrorView(
                "invalid", $"{body.Source} cannot be used: {read.Errors.Length} problem(s)", "correct what is listed", [.. read.Errors.Select(Views.Of)]));
        }

        await watch.RescanIfChangedAsync();
        return await AskAsync(new VmProtocol.Create(IdOf(body.CommandId), name, body.Yaml));
    }

    /// <summary>The client's command id becomes the VM's identity, so that a repeated creation finds what the first one made.</summary>
    private static VmId IdOf(string commandId) => Guid.TryParse(commandId, out var guid)
        ? VmId.From(guid)
        : VmId.From(new Guid(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(commandId)).AsSpan(0, 16)));

    private async Task<IResult> DeleteAsync(string name, CommandRequest body)
    {
        if (VmName.TryParse(name, out var valid, out _) && File.Exists(store.Home.Instance(valid).Protected))
        {
            return Replies.Error(
                "protected", $"instance `{name}` is protected to prohibit accidental removal", $"remove the file {store.Home.Instance(valid).Protected} first");
        }

        return await Send(name, new VmCommands.Delete(body.CommandId, body.Force));
    }

    private async Task<IResult> Send(string name, VmCommand command)
    {
        if (IdProblem(command.CommandId) is { } refused) return refused;
        await watch.RescanIfChangedAsync();
        if (VmName.TryParse(name, out var valid, out _) && ForeignAgent.Of(store.Home.Instance(valid)) is { } pid)
        {
            return Replies.Error(
                "foreign", $"instance `{name}` is run by another program (host agent, process {pid})", "stop it with the program that started it");
        }

        if (!model.Views.ContainsKey(name) && Unusable(name) is { } unusable)
        {
            return Replies.Error(
                "refused", $"instance `{name}` has errors: {unusable.Problem}", $"correct that, or remove the directory {unusable.Directory.Path}");
        }

        return await AskAsync(new VmProtocol.Envelope(name, command));
    }

    /// <summary>The id is stored with the command, so it must be there and be short.</summary>
    private static IResult? IdProblem(string commandId) => commandId.Length is > 0 and <= CommandIdMax
        ? null
        : Replies.Error("invalid", $"commandId must have 1 to {CommandIdMax} characters", "a UUID does well");

    private UnusableInstance? Unusable(string name) => store.Unusable.FirstOrDefault(u => u.Directory.Name.Value == name);

    private async Task<IResult> AskAsync(object message)
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

    private static TimeSpan Timeout(CommandRequest body)
    {
        if (body.TimeoutSeconds is not { } seconds || seconds <= 0 || double.IsNaN(seconds)) return DefaultStartTimeout;
        return seconds >= StartTimeoutMax.TotalSeconds ? StartTimeoutMax : TimeSpan.FromSeconds(seconds);
    }
}
