using System.Collections.Immutable;
using Lima.Actors.PortForwarding;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Instances;
using Lima.Host.Specs;

namespace Lima.Host.Api;

/// <summary>
/// Forwards of instances. While one lives a change holds at once, until it stops; one that is to be saved is in its configuration too, whose
/// new text is part of the command. For one that does not live only the configuration can be changed.
/// </summary>
internal sealed class PortEndpoints(
    CommandSender sender, VmReadModel model, PortForwardModel forwards, VmAddresses addresses, InstanceSpecs specs, LimaHome home, HomeWatch watch, ConfigurationTurns turns)
{
    private const int PortsMax = 64;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/instances/{name}/ports", ListAsync);
        app.MapPost("/v1/instances/{name}/ports/add", (string name, PortsRequest body) => turns.TakeAsync(name, () => ChangeAsync(name, body, Adding)));
        app.MapPost("/v1/instances/{name}/ports/remove", (string name, PortsRequest body) => turns.TakeAsync(name, () => ChangeAsync(name, body, Removing)));
    }

    private async Task<IResult> ListAsync(string name)
    {
        await watch.RescanIfChangedAsync();
        if (!model.Views.TryGetValue(name, out var view)) return Missing(name);
        var address = addresses.Of(name) is { Length: > 0 } own ? own : null;
        var now = forwards.Of(view.Id);
        if (view.State.Process is null) return Replies.Ok(new PortList([.. Configured(name).Where(rule => !rule.Ignore).Select(rule => PortViews.Of(rule, "waiting"))], address));
        return Replies.Ok(new PortList(PortViews.Of(now) ?? [], address, Pending: now.Changes < view.State.Forwards.Changes));
    }

    private async Task<IResult> ChangeAsync(string name, PortsRequest body, Func<string, PortsRequest, VmView, Plan> plan)
    {
        await watch.RescanIfChangedAsync();
        if (!model.Views.TryGetValue(name, out var view)) return Missing(name);
        if (view.State.Commands.Contains(body.CommandId)) return await sender.SendAsync(name, new VmCommands.ChangeForwards(body.CommandId, new RuleChange([], []), null));
        if (body.Ports.Count is 0 or > PortsMax) return Replies.Error("invalid", $"name 1 to {PortsMax} forwards", "see docs/api.md");
        var (change, refused) = plan(name, body, view);
        if (refused is not null) return refused;
        if (!body.Save) return await sender.SendAsync(name, new VmCommands.ChangeForwards(body.CommandId, change, null));
        return await SaveAsync(name, body.CommandId, change, isUp: view.State.Process is not null || view.State.Phase == VmPhase.Starting);
    }

    private static Plan Adding(string name, PortsRequest body, VmView view)
    {
        var (rules, problems) = (new List<PortForwardSpec>(), new List<string>());
        foreach (var text in body.Ports)
        {
            if (PortRuleText.TryParse(text, out var rule, out var problem)) rules.Add(rule);
            else problems.Add(problem);
        }

        if (body.Save && rules.Any(rule => rule.AnyHostPort)) problems.Add("`auto` cannot be written into lima.yaml: name a port, or leave `--save` away");
        return problems.Count == 0
            ? new Plan(new RuleChange([.. rules.Distinct()], []), null)
            : new Plan(null!, Replies.Error("invalid", string.Join("; ", problems), "write it as 8080:80, 0.0.0.0:8080:80, 5353:53/udp, auto:80 or /path/on/host.sock:/path/in/guest.sock"));
    }

    private Plan Removing(string name, PortsRequest body, VmView view)
    {
        var now = forwards.Of(view.Id);
        var rules = view.State.Process is null ? Configured(name) : view.State.Forwards.Over(now.Changes == 0 ? Configured(name) : now.Rules);
        var (add, remove, unknown) = (new List<PortForwardSpec>(), new List<PortForwardSpec>(), new List<string>());
        foreach (var text in body.Ports)
        {
            var selector = new PortSelector(text);
            var meant = now.Forwards.Where(f => selector.Means(f.Forward, f.Host)).ToList();
            var named = rules.Where(selector.Means).Concat(meant.Select(f => f.Rule).OfType<PortForwardSpec>()).Distinct().ToList();
            remove.AddRange(named);
            // What is forwarded by itself is so until a rule forbids it.
            var automatic = named.Count > 0 ? [] : meant.Where(f => f.Rule is null && !f.Forward.Guest.IsSocket).Select(f => LiveRules.Never(f.Forward)).Distinct().ToList();
            add.AddRange(automatic);
            if (named.Count + automatic.Count == 0) unknown.Add($"`{text}`");
        }

        return unknown.Count == 0
            ? new Plan(new RuleChange([.. add.Distinct()], [.. remove.Distinct()]), null)
            : new Plan(null!, Replies.Error("port-not-found", $"instance `{name}` has no forward {string.Join(", ", unknown)}", $"see `limactl port list {name}`"));
    }

    private async Task<IResult> SaveAsync(string name, string commandId, RuleChange change, bool isUp)
    {
        var directory = home.Instance(VmName.Parse(name));
        string text;
        string changed;
        try
        {
            text = await File.ReadAllTextAsync(directory.LimaYaml);
            changed = Changed(name, text, change, directory, out var foreign);
            if (foreign is not null) return foreign;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return Replies.Error("invalid", $"the configuration of instance `{name}` cannot be changed: {e.Message}", $"see `limactl validate {directory.LimaYaml}`");
        }

        var read = specs.Check(changed, directory.LimaYaml, directory);
        if (read.Spec is null)
            return Replies.Error(new ErrorView("invalid", $"the forwards of instance `{name}` cannot be changed so: {read.Errors.Length} problem(s)", "correct what is listed", [.. read.Errors.Select(Views.Of)]));
        if (!isUp) return await sender.SendAsync(name, new VmCommands.Edit(commandId, changed));
        var save = changed == text ? null : new ConfigurationChange(changed, ConfigurationChange.Fingerprint(text));
        return await sender.SendAsync(name, new VmCommands.ChangeForwards(commandId, change, save));
    }

    /// <summary>The text with the change; rules that are no part of it, since they were given live, are no concern of it.</summary>
    private string Changed(string name, string text, RuleChange change, InstanceDirectory directory, out IResult? refused)
    {
        refused = null;
        var configured = Read(text) ?? [];
        foreach (var rule in change.Remove.Where(rule => configured.Contains(rule)))
        {
            if (PortYaml.Without(text, rule, Read, directory.LimaYaml) is { } shorter) text = shorter;
            else refused = Replies.Error("refused", $"forward `{PortRuleText.Of(rule)}` is of `default.yaml` or `override.yaml`, not of instance `{name}` itself", "take it out there, or leave `--save` away");
        }

        var missing = change.Add.Where(rule => !configured.Contains(rule)).ToList();
        return missing.Count == 0 ? text : PortYaml.With(text, missing, directory.LimaYaml);

        ImmutableArray<PortForwardSpec>? Read(string yaml) => specs.Check(yaml, directory.LimaYaml, directory).Spec?.PortForwards;
    }

    private ImmutableArray<PortForwardSpec> Configured(string name) => specs.Read(home.Instance(VmName.Parse(name))).Spec?.PortForwards ?? [];

    private IResult Missing(string name) => sender.Refusal(name) ?? Replies.Error("instance-not-found", $"instance `{name}` does not exist", "see `limactl list`");

    private sealed record Plan(RuleChange Change, IResult? Refused);
}
