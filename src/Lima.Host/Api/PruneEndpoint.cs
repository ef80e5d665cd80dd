using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Images;
using Lima.Drivers.Instances;
using Lima.Host.Specs;

namespace Lima.Host.Api;

/// <summary>Pruning the image store over HTTP.</summary>
internal sealed class PruneEndpoint(IImageStore images, VmReadModel model, InstanceSpecs specs, LimaHome home, HomeWatch watch)
{
    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder app) => app.MapPost("/v1/images/prune", PruneAsync);

    private async Task<IResult> PruneAsync(PruneRequest body)
    {
        await watch.RescanIfChangedAsync();
        var keep = body.Keep.ToHashSet(StringComparer.Ordinal);
        // One that is just starting may have its image and not yet the disk that lies on it.
        foreach (var view in model.Views.Values.Where(v => body.KeepReferred || v.State.Phase == VmPhase.Starting))
            keep.UnionWith(Locations(specs.Read(home.Instance(VmName.Parse(view.State.Name))).Spec));
        var result = images.Prune([.. model.Views.Keys.SelectMany(name => FilesOf(home.Instance(VmName.Parse(name))))], keep);
        return Replies.Ok(new PruneReply([.. result.Removed.Select(View)], [.. result.InUse.Select(View)]));
    }

    private static IEnumerable<string> Locations(VmSpec? spec) => spec is null ? [] : spec.Images.Concat(spec.Firmware.Images)
        .SelectMany(i => new[] { i.Location, i.Kernel?.Location, i.Initrd?.Location }).OfType<string>();

    private static IEnumerable<string> FilesOf(InstanceDirectory directory) =>
        OutsideFiles.Of(directory).Select(file => Path.GetFullPath(file.Path, directory.Path));

    private static ImageView View(StoredImage image) => new(
        image.Key, image.Location, image.Bytes, image.Modified, image.Digest.Length == 0 ? null : image.Digest);
}
