using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Disks;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Disks;
using Lima.Drivers.Instances;
using Lima.Host.Specs;
using Lima.Templates.Validation;

namespace Lima.Host.Api;

/// <summary>Disks of one instance: grown, attached, detached. While it runs at once; else the configuration changes, and the next start does the rest.</summary>
internal sealed class DiskChangeEndpoint(CommandSender sender, VmReadModel model, InstanceSpecs specs, IInstanceStore store, DiskStore disks, HomeWatch watch, ConfigurationTurns turns)
{
    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/v1/instances/{name}/disks", (string name, DiskChangeRequest body) => turns.TakeAsync(name, () => ChangeAsync(name, body)));

    private async Task<IResult> ChangeAsync(string name, DiskChangeRequest body)
    {
        await watch.RescanIfChangedAsync();
        if (!model.Views.TryGetValue(name, out var view))
            return sender.Refusal(name) ?? Replies.Error("instance-not-found", $"instance `{name}` does not exist", "see `limactl list`");
        var directory = store.Home.Instance(VmName.Parse(name));
        var wish = new DiskChange(body.Action, body.Disk, body.Size);
        if (Problem(wish, view.State, directory) is { } problem) return Replies.Error(Views.Of(problem));
        string text, changed;
        try
        {
            text = await File.ReadAllTextAsync(directory.LimaYaml);
            changed = Changed(body, text, directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return Replies.Error("invalid", $"the configuration of instance `{name}` cannot be changed: {e.Message}", $"see `limactl validate {directory.LimaYaml}`");
        }

        if (body.Action == DiskActions.Grow && body.Disk.Length == 0 && EditRules.ShrunkDisk(text, changed, directory.LimaYaml) is { } shrunk)
            return Replies.Error("disk-shrink", shrunk.Message, "name a size that is larger than it is");
        if (Refused(wish, changed, directory) is { } refused) return refused;
        var isUp = view.State.Process is not null || view.State.Phase == VmPhase.Starting;
        return await sender.SendAsync(name, isUp
            ? new VmCommands.ChangeDisk(body.CommandId, wish with { Yaml = changed == text ? "" : changed })
            : new VmCommands.Edit(body.CommandId, changed));
    }

    /// <summary>What is wrong with the request itself, or with the disk; null when all is well.</summary>
    /// <exception cref="Drivers.DriverException">There is no such disk, or it would shrink.</exception>
    private VmError? Problem(DiskChange wish, VmState state, InstanceDirectory directory)
    {
        if (DiskChangeRules.Problem(wish) is { } wrong) return wrong;
        if (!DiskChangeRules.NeedsDisk(wish)) return null;
        var disk = disks.Require(wish.Disk);
        if (wish.Action == DiskActions.Grow) DiskStore.RequireGrowth(disk, wish.Bytes);
        var user = disk.Holder is { } holder ? new DiskUser(holder.InstanceDirectory == directory.Path, holder.Text, holder.Instance) : null;
        return DiskChangeRules.Problem(wish, directory.Name.Value, state.Process is not null, user);
    }

    /// <summary>The text of <c>lima.yaml</c> with the change; as it was where it says so already.</summary>
    private string Changed(DiskChangeRequest body, string text, InstanceDirectory directory)
    {
        var named = specs.Read(directory).Spec?.AdditionalDisks.Any(d => d.Name == body.Disk) == true;
        return body.Action switch
        {
            DiskActions.Grow => body.Disk.Length == 0 ? DiskYaml.WithSize(text, body.Size, directory.LimaYaml) : text,
            DiskActions.Attach => named ? text : DiskYaml.With(text, body.Disk, body.Format, body.FsType, directory.LimaYaml),
            _ => named ? DiskYaml.Without(text, body.Disk, directory.LimaYaml) : text,
        };
    }

    /// <summary>Why the new configuration cannot be used; null when it can.</summary>
    private IResult? Refused(DiskChange wish, string changed, InstanceDirectory directory)
    {
        var read = specs.Check(changed, directory.LimaYaml, directory);
        List<ProblemView> problems = [.. read.Errors.Select(Views.Of)];
        if (problems.Count > 0)
            return Replies.Error(new ErrorView("invalid", $"the new configuration of instance `{directory.Name}` cannot be used: {problems.Count} problem(s)", "correct what is listed", problems));
        return DiskChangeRules.ProblemAfter(wish, directory.Name.Value, read.Spec?.AdditionalDisks.Select(disk => disk.Name) ?? []) is { } named
            ? Replies.Error(Views.Of(named))
            : null;
    }
}
