using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Instances;
using Lima.Host.Specs;

namespace Lima.Host.Api;

/// <summary>Instances over HTTP: reads come from the read model, commands become one actor message each.</summary>
internal sealed class InstanceEndpoints(CommandSender sender, VmReadModel model, Views views, InstanceSpecs specs, IInstanceStore store, HomeWatch watch)
{
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
        var all = views.Of(known.Values, config).Concat(store.Unusable.Where(u => !known.ContainsKey(u.Directory.Name.Value)).Select(Views.Of));
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
        if (CommandSender.IdProblem(body.CommandId) is { } refused) return refused;
        if (!VmName.TryParse(body.Name, out var name, out var problem)) return Replies.Error("invalid", problem);
        var read = specs.Check(body.Yaml, body.Source, store.Home.Instance(name));
        if (read.Spec is null)
        {
            return Replies.Error(new ErrorView(
                "invalid", $"{body.Source} cannot be used: {read.Errors.Length} problem(s)", "correct what is listed", [.. read.Errors.Select(Views.Of)]));
        }

        await watch.RescanIfChangedAsync();
        return await sender.AskAsync(new VmProtocol.Create(CommandSender.IdOf(body.CommandId), name, body.Yaml));
    }

    private async Task<IResult> DeleteAsync(string name, CommandRequest body)
    {
        if (VmName.TryParse(name, out var valid, out _) && store.Home.Instance(valid) is var directory && File.Exists(directory.Protected))
            return Replies.Error(Replies.Of(InstanceProtection.Refusal(directory, "removal")));
        return await Send(name, new VmCommands.Delete(body.CommandId, body.Force));
    }

    private Task<IResult> Send(string name, VmCommand command) => sender.SendAsync(name, command);

    private UnusableInstance? Unusable(string name) => store.Unusable.FirstOrDefault(u => u.Directory.Name.Value == name);

    private static TimeSpan Timeout(CommandRequest body)
    {
        if (body.TimeoutSeconds is not { } seconds || seconds <= 0 || double.IsNaN(seconds)) return DefaultStartTimeout;
        return seconds >= StartTimeoutMax.TotalSeconds ? StartTimeoutMax : TimeSpan.FromSeconds(seconds);
    }
}
