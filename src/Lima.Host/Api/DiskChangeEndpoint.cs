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
internal sealed class DiskChangeEndpoint(CommandSender sender, VmReadModel model, InstanceSpecs specs, IInstanceStore store, DiskStore disks, HomeWatch watch)
{
    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/v1/instances/{name}/disks", (string name, DiskChangeRequest body) => ChangeAsync(name, body));

    private async Task<IResult> ChangeAsync(string name, DiskChangeRequest body)
    {
        await watch.RescanIfChangedAsync();
        if (!model.Views.TryGetValue(name, out var view))
            return sender.Refusal(name) ?? Replies.Error("instance-not-found", $"instance `{name}` does not exist", "see `limactl list`");
        var directory = store.Home.Instance(VmName.Parse(name));
        if (Problem(body, view.State, directory) is { } problem) return problem;
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
        if (Refused(body, changed, directory) is { } refused) return refused;
        var isUp = view.State.Process is not null || view.State.Phase == VmPhase.Starting;
        return await sender.SendAsync(name, isUp
            ? new VmCommands.ChangeDisk(body.CommandId, new DiskChange(body.Action, body.Disk, body.Size, changed == text ? "" : changed))
            : new VmCommands.Edit(body.CommandId, changed));
    }

    /// <summary>What is wrong with the request itself, or with the disk; null when all is well.</summary>
    private IResult? Problem(DiskChangeRequest body, VmState state, InstanceDirectory directory)
    {
        if (body.Action is not (DiskActions.Grow or DiskActions.Attach or DiskActions.Detach))
            return Replies.Error("invalid", $"`{body.Action}` is nothing that can be done with a disk", "use `grow`, `attach` or `detach`");
        if (body.Action == DiskActions.Grow && body.Size <= 0) return Replies.Error("invalid", "the size of a disk must be more than 0", "write it as 20GiB");
        if (body.Action != DiskActions.Grow && body.Disk.Length == 0) return Replies.Error("invalid", "the disk of the instance itself can only grow", "name a disk");
        if (body.Disk.Length == 0) return null;
        if (body.Action == DiskActions.Detach) return null;
        var disk = disks.Require(body.Disk);
        if (body.Action == DiskActions.Grow)
        {
            DiskStore.RequireGrowth(disk, body.Size);
            return state.Process is not null && disk.InstanceDirectory == directory.Path
                ? null
                : Replies.Error("refused", $"instance `{directory.Name}` does not use disk `{body.Disk}` now", $"grow it by itself: `limactl disk resize {body.Disk} --size SIZE`");
        }

        return disk.Holder is { } holder && holder.InstanceDirectory != directory.Path && state.Process is not null
            ? Replies.Error("disk-in-use", $"disk `{body.Disk}` is in use by {holder.Text}", holder.Instance is { } other ? $"stop it first: `limactl stop {other}`" : "see who with `fuser -v` on its datadisk")
            : null;
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
    private IResult? Refused(DiskChangeRequest body, string changed, InstanceDirectory directory)
    {
        var read = specs.Check(changed, directory.LimaYaml, directory);
        List<ProblemView> problems = [.. read.Errors.Select(Views.Of)];
        if (problems.Count > 0)
            return Replies.Error(new ErrorView("invalid", $"the new configuration of instance `{directory.Name}` cannot be used: {problems.Count} problem(s)", "correct what is listed", problems));
        return body.Action == DiskActions.Detach && read.Spec?.AdditionalDisks.Any(d => d.Name == body.Disk) == true
            ? Replies.Error("refused", $"disk `{body.Disk}` is named by `default.yaml` or `override.yaml`, not by instance `{directory.Name}` itself", "take it out there")
            : null;
    }
}
