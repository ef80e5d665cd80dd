using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Instances;
using Lima.Host.Specs;
using Lima.Templates.Validation;

namespace Lima.Host.Api;

/// <summary>What users do to instances besides running them: edit, clone, rename, factory reset, protect.</summary>
internal sealed class InstanceWorkEndpoints(CommandSender sender, VmReadModel model, Views views, InstanceSpecs specs, IInstanceStore store, HomeWatch watch)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/instances/{name}/edit", (string name, EditRequest body) => EditAsync(name, body));
        app.MapPost("/v1/instances/{name}/clone", (string name, NewNameRequest body) =>
            NameAsync(name, body, new VmCommands.Clone(body.CommandId, CommandSender.IdOf(body.CommandId).Value, body.Name)));
        app.MapPost("/v1/instances/{name}/rename", (string name, NewNameRequest body) =>
            NameAsync(name, body, new VmCommands.Rename(body.CommandId, body.Name)));
        app.MapPost("/v1/instances/{name}/factory-reset", (string name, CommandRequest body) => ResetAsync(name, body));
        app.MapPost("/v1/instances/{name}/protect", (string name) => ProtectAsync(name, isProtected: true));
        app.MapPost("/v1/instances/{name}/unprotect", (string name) => ProtectAsync(name, isProtected: false));
    }

    /// <summary>The text is checked as the next start would; a phase that forbids editing is told first, because it makes the rest moot.</summary>
    private async Task<IResult> EditAsync(string name, EditRequest body)
    {
        await watch.RescanIfChangedAsync();
        var command = new VmCommands.Edit(body.CommandId, body.Yaml);
        if (!model.Views.TryGetValue(name, out var view) || view.State.Process is not null) return await sender.SendAsync(name, command);
        var directory = store.Home.Instance(VmName.Parse(name));
        var read = specs.Check(body.Yaml, directory.LimaYaml, directory);
        List<ProblemView> problems = [.. read.Errors.Select(Views.Of)];
        // What the old text means is known only if it means something.
        if (specs.Read(directory).Spec is not null && EditRules.ShrunkDisk(await TextAsync(directory), body.Yaml, directory.LimaYaml) is { } shrunk)
            problems.Add(Views.Of(shrunk));
        return problems.Count == 0
            ? await sender.SendAsync(name, command)
            : Replies.Error(new ErrorView("invalid", $"the new configuration of instance `{name}` cannot be used: {problems.Count} problem(s)", "correct what is listed", problems));
    }

    private static async Task<string> TextAsync(InstanceDirectory directory)
    {
        try
        {
            return await File.ReadAllTextAsync(directory.LimaYaml);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task<IResult> NameAsync(string name, NewNameRequest body, VmCommand command)
    {
        if (!VmName.TryParse(body.Name, out var newName, out var problem)) return Replies.Error("invalid", problem);
        SocketPaths.Require(store.Home.Instance(newName), command.Verb == "clone" ? "cloning the instance" : "renaming the instance");
        await watch.RescanIfChangedAsync();
        model.Views.TryGetValue(body.Name, out var taken);
        // A renaming that is repeated finds the instance under its new name.
        if (taken is not null && !model.Views.ContainsKey(name) && taken.State.Commands.Contains(body.CommandId))
            return Replies.Accepted(new Accepted(views.Of(taken), Changed: false, taken.SequenceNr));
        var isOurs = body.Name == name || taken?.Id == CommandSender.IdOf(body.CommandId);
        return model.Views.ContainsKey(name) && !isOurs && (taken is not null || Directory.Exists(store.Home.Instance(newName).Path))
            ? Replies.Error("instance-exists", $"instance `{body.Name}` already exists", "choose another name")
            : await sender.SendAsync(name, command);
    }

    private async Task<IResult> ResetAsync(string name, CommandRequest body)
    {
        if (VmName.TryParse(name, out var valid, out _) && store.Home.Instance(valid) is var directory && File.Exists(directory.Protected))
            return Replies.Error(Replies.Of(InstanceProtection.Refusal(directory, "factory-reset")));
        return await sender.SendAsync(name, new VmCommands.FactoryReset(body.CommandId));
    }

    /// <summary>The file is all there is to it, so there is nothing to store first; it is set at once, in whatever state the instance is.</summary>
    private async Task<IResult> ProtectAsync(string name, bool isProtected)
    {
        await watch.RescanIfChangedAsync();
        if (!model.Views.TryGetValue(name, out var view))
            return sender.Refusal(name) ?? Replies.Error("instance-not-found", $"instance `{name}` does not exist", "see `limactl list`");
        var changed = InstanceProtection.Set(store.Home.Instance(VmName.Parse(name)), isProtected);
        return Replies.Ok(new Accepted(views.Of(view), changed, view.SequenceNr));
    }
}
