using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Drivers.Disks;
using Lima.Drivers.Instances;
using Lima.Host.Specs;

namespace Lima.Host.Api;

/// <summary>The disks beside the instances over HTTP.</summary>
internal sealed class DiskEndpoints(DiskStore disks, VmReadModel model, InstanceSpecs specs, LimaHome home, HomeWatch watch)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/disks", () => Replies.Ok(new DiskList([.. disks.List().Select(View)])));
        app.MapPost("/v1/disks", async (CreateDiskRequest body, CancellationToken cancel) => Replies.Ok(View(body.Import is { } file
            ? await disks.ImportAsync(body.Name, file, cancel)
            : await disks.CreateAsync(body.Name, body.Size, body.Format, cancel))));
        app.MapPost("/v1/disks/{name}/delete", (string name, DiskRequest body) => DeleteAsync(name, body.Force));
        app.MapPost("/v1/disks/{name}/unlock", (string name, DiskRequest _) => UnlockAsync(name));
        app.MapPost("/v1/disks/{name}/resize", (string name, DiskRequest body, CancellationToken cancel) => ResizeAsync(name, body.Size, cancel));
    }

    private async Task<IResult> DeleteAsync(string name, bool force)
    {
        await watch.RescanIfChangedAsync();
        var disk = disks.List().FirstOrDefault(d => d.Name == name) ?? disks.Require(name);
        if (!force && disk.Holder is { } holder)
            return Replies.Error("disk-in-use", $"cannot delete disk `{name}` in use by {holder.Text}", Hint(holder));
        if (!force && Referring(name) is { Count: > 0 } referring)
        {
            return Replies.Error(
                "disk-referred", $"disk `{name}` is referenced by one or more non-running instances: {string.Join(", ", referring.Select(i => $"`{i}`"))}",
                $"to delete it all the same, run `limactl disk delete --force {name}`");
        }

        disks.Delete(name);
        return Replies.Ok(View(disk));
    }

    private async Task<IResult> UnlockAsync(string name)
    {
        await watch.RescanIfChangedAsync();
        var disk = disks.Require(name);
        if (disk.Holder is { } holder)
            return Replies.Error("disk-in-use", $"cannot unlock disk `{name}` used by {Running(holder)}", Hint(holder));
        disks.Unlock(name);
        // As it was: the client says what there was to unlock.
        return Replies.Ok(View(disk) with { Instance = Path.GetFileName(disk.StaleLink) ?? "", InstanceDir = disk.StaleLink ?? "" });
    }

    private async Task<IResult> ResizeAsync(string name, long bytes, CancellationToken cancel)
    {
        await watch.RescanIfChangedAsync();
        var disk = disks.Require(name);
        if (disk.Holder is { } holder)
            return Replies.Error("disk-in-use", $"cannot resize disk `{name}` used by {Running(holder)}", Hint(holder));
        return Replies.Ok(View(await disks.ResizeAsync(name, bytes, cancel)));
    }

    private static string Running(DiskHolder holder) => holder.Instance is { } instance ? $"running instance `{instance}`" : holder.Text;

    private static string Hint(DiskHolder holder) =>
        holder.Instance is { } instance ? $"stop it first: `limactl stop {instance}`" : "see who with `fuser -v` on its datadisk, and end that first";

    private List<string> Referring(string disk) =>
        [.. model.Views.Keys.Where(name => specs.Read(home.Instance(VmName.Parse(name))).Spec?.AdditionalDisks.Any(d => d.Name == disk) == true)];

    private static DiskView View(StoredDisk disk) => new()
    {
        Name = disk.Name,
        Size = disk.Bytes,
        Format = disk.Format,
        Dir = disk.Directory,
        Instance = disk.Instance ?? "",
        InstanceDir = disk.InstanceDirectory ?? "",
        MountPoint = disk.MountPoint,
        Allocated = disk.AllocatedBytes,
    };
}
