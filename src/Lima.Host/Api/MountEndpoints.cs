using System.Text.Encodings.Web;
using System.Text.Json;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;
using Lima.Host.Specs;
using Lima.Templates;
using Lima.Templates.Yq;

namespace Lima.Host.Api;

/// <summary>Mounts of running instances. The configuration is checked as if it had the change, and has it afterwards when that is wished.</summary>
internal sealed class MountEndpoints(CommandSender sender, VmReadModel model, InstanceSpecs specs, LimaHome home, HomeWatch watch, ConfigurationTurns turns)
{
    private const UnixFileMode ConfigurationMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode LocationMode = ConfigurationMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/instances/{name}/mounts/add", (string name, AddMountRequest body) => turns.TakeAsync(name, () => AddAsync(name, body)));
        app.MapPost("/v1/instances/{name}/mounts/remove", (string name, RemoveMountRequest body) => turns.TakeAsync(name, () => RemoveAsync(name, body)));
    }

    private async Task<IResult> AddAsync(string name, AddMountRequest body)
    {
        var point = body.MountPoint ?? body.Location;
        var command = new VmCommands.AddMount(body.CommandId, body.Location, point, body.Writable);
        if (await UnlessRunningAsync(name, command) is { } answer) return answer;
        if (model.Views[name].Mounts.FirstOrDefault(mount => mount.Spec.MountPoint == point) is { } taken && !IsKnown(name, body.CommandId))
            return Replies.Error("refused", $"instance `{name}` has a mount at `{point}` already, of `{taken.Spec.Location}`", "remove it first, or choose another mount point");
        var entry = $$"""{"location": {{Quote(body.Location)}}, "mountPoint": {{Quote(point)}}, "writable": {{(body.Writable ? "true" : "false")}}}""";
        return await ChangeAsync(name, $".mounts = (.mounts // []) + [{entry}]", body.Save, mounts =>
        {
            var added = mounts.Directories.FirstOrDefault(mount => mount.MountPoint == point);
            if (added?.Location != body.Location) return Replies.Error("invalid", $"`{body.Location}` cannot be mounted at `{point}`", "use absolute paths");
            Directory.CreateDirectory(added.Location, LocationMode);
            return null;
        }) ?? await sender.SendAsync(name, command);
    }

    private async Task<IResult> RemoveAsync(string name, RemoveMountRequest body)
    {
        var command = new VmCommands.RemoveMount(body.CommandId, body.MountPoint);
        if (await UnlessRunningAsync(name, command) is { } answer) return answer;
        if (model.Views[name].Mounts.All(mount => mount.Spec.MountPoint != body.MountPoint) && !IsKnown(name, body.CommandId))
            return Replies.Error("mount-not-found", $"instance `{name}` has no mount at `{body.MountPoint}`", $"see `limactl mount list {name}`");
        if (!body.Save) return await sender.SendAsync(name, command);
        var point = Quote(body.MountPoint);
        return await ChangeAsync(name, $"del(.mounts[] | select((.mountPoint // .location) == {point}))", save: true, mounts =>
            mounts.Directories.Any(mount => mount.MountPoint == body.MountPoint)
                ? Replies.Error("invalid", $"lima.yaml of instance `{name}` names `{body.MountPoint}` in other words", $"take it out with `limactl edit {name}` after a stop")
                : null) ?? await sender.SendAsync(name, command);
    }

    /// <summary>The answer of the instance itself when it does not run; null when it does.</summary>
    private async Task<IResult?> UnlessRunningAsync(string name, VmCommand command)
    {
        await watch.RescanIfChangedAsync();
        return model.Views.TryGetValue(name, out var view) && view.State is { Phase: VmPhase.Running, Intent: VmIntent.None }
            ? CommandSender.IdProblem(command.CommandId)
            : await sender.SendAsync(name, command);
    }

    private bool IsKnown(string name, string commandId) => model.Views[name].State.Commands.Contains(commandId);

    /// <summary>Checks the configuration with the change and writes it when that is wished; null when all is well.</summary>
    private async Task<IResult?> ChangeAsync(string name, string expression, bool save, Func<MountsSpec, IResult?> check)
    {
        var directory = home.Instance(VmName.Parse(name));
        if (save && model.Views[name].State.DiskChange is not null)
            return Replies.Error("refused", $"the disks of instance `{name}` are being changed, and its configuration with them", "wait until that is done");
        try
        {
            var text = await File.ReadAllTextAsync(directory.LimaYaml);
            if (!YqText.Apply([expression], text, directory.LimaYaml, YqSecurity.Restricted, out var changed, out var problem))
                return Replies.Error("invalid", $"the mounts of instance `{name}` cannot be changed: {problem}", "correct its lima.yaml");
            var read = specs.Check(changed, directory.LimaYaml, directory);
            if (read.Spec is null) return Refused(name, read);
            if (check(read.Spec.Mounts) is { } refused) return refused;
            if (save) AtomicFile.Write(directory.LimaYaml, changed, ConfigurationMode);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Replies.Error("invalid", $"the mounts of instance `{name}` cannot be changed: {e.Message}", "correct that, then try again");
        }
    }

    private static IResult Refused(string name, TemplateResult read) => Replies.Error(new ErrorView(
        "invalid", $"the mounts of instance `{name}` cannot be changed so: {string.Join("; ", read.Errors.Take(3).Select(error => error.Message))}",
        "correct what is listed", [.. read.Errors.Select(Views.Of)]));

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
