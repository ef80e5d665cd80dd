using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Templates.Defaults;

/// <summary>Images with their architecture filled in and <c>~</c> expanded.</summary>
internal static class ImageDefaults
{
    public static ImmutableArray<ImageSource> Images(Reading reading) => [.. reading.Root.Items("images").Select(image => Image(image, reading))];

    /// <summary>Firmware images for this hypervisor; those meant for another are left out.</summary>
    public static ImmutableArray<ImageSource> Firmware(Reading reading) =>
    [
        .. reading.Root.Map("firmware").Items("images")
            .Where(image => image.Text("vmType") is null or "" or "qemu")
            .Select(image => Image(image, reading)),
    ];

    private static ImageSource Image(Section image, Reading reading) => new(
        Location(image, reading),
        image.Text("arch") is { } arch and not "default" ? arch : reading.Arch,
        image.Text("digest") ?? "",
        image.Has("kernel") ? Kernel(image.Map("kernel"), reading) : null,
        image.Has("initrd") ? new FileSource(Location(image.Map("initrd"), reading), image.Map("initrd").Text("digest") ?? "") : null)
    {
        Variant = image.Text("variant") ?? "",
        ArchVariant = image.Text("archVariant") ?? "",
    };

    private static KernelSource Kernel(Section kernel, Reading reading) =>
        new(Location(kernel, reading), kernel.Text("digest") ?? "", kernel.Text("cmdline") ?? "");

    private static string Location(Section file, Reading reading)
    {
        var location = file.Text("location") ?? "";
        return location == "~" || location.StartsWith("~/", StringComparison.Ordinal) ? reading.Host.Home.TrimEnd('/') + location[1..] : location;
    }
}
