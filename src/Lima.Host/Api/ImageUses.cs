using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Drivers.Images;
using Lima.Drivers.Instances;

namespace Lima.Host.Api;

/// <summary>Which instances would lose their disk or kernel with an image of the store.</summary>
internal sealed class ImageUses(IImageStore images, LimaHome home, VmReadModel model)
{
    /// <summary>Each use of the entries of that location or key, as in "kernel of instance `web`"; sorted by instance.</summary>
    public IReadOnlyList<string> Of(string locationOrKey)
    {
        // Every entry is a directory named by its key, so a key in a path tells which entry the path leads into.
        var keys = images.List().Where(i => i.Key == locationOrKey || i.Location == locationOrKey).Select(i => i.Key).ToHashSet(StringComparer.Ordinal);
        return keys.Count == 0
            ? []
            : [.. from name in model.Views.Keys
                  from file in OutsideFiles.Of(home.Instance(VmName.Parse(name)))
                  where file.Path.Split('/').Any(keys.Contains)
                  select $"{file.Role} of instance `{name}`"];
    }
}
