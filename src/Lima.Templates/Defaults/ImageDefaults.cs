using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Templates.Defaults;

/// <summary>Images: filled with their architecture; for the spec, with <c>~</c> expanded.</summary>
internal static class ImageDefaults
{
    public static void Fill(Draft root, Filling filling)
    {
        var images = root.Items("images");
        foreach (var image in images)
        {
            var arch = Arch(image, filling.Arch);
            foreach (var part in (string[])["kernel", "initrd"])
            {
                if (image[part] is null) continue;
                var file = image.Map(part);
                Arch(file, arch);
                image.Keep(part, file);
            }
        }

        root.Keep("images", images);
        TemplateFiller.Edit(root, "firmware", firmware =>
        {
            var files = firmware.Items("images");
            foreach (var file in files) Arch(file, filling.Arch);
            firmware.Keep("images", files);
        });
    }

    /// <summary>Gives a file an architecture unless it has one.</summary>
    public static string Arch(Draft file, string usual)
    {
        if (file.Text("arch") is null or "" or "default") file.Set("arch", usual);
        return file.Text("arch")!;
    }

    public static ImmutableArray<ImageSource> Images(Section root, HostFacts host) => [.. root.Items("images").Select(image => Image(image, host))];

    /// <summary>Firmware images for this hypervisor; those meant for another are left out.</summary>
    public static ImmutableArray<ImageSource> Firmware(Section root, HostFacts host) =>
    [
        .. root.Map("firmware").Items("images")
            .Where(image => image.Text("vmType") is null or "" or "qemu")
            .Select(image => Image(image, host)),
    ];

    /// <summary>A location with the user's home directory in place of <c>~</c>.</summary>
    public static string Location(Section file, HostFacts host)
    {
        var location = file.Text("location") ?? "";
        return location == "~" || location.StartsWith("~/", StringComparison.Ordinal) ? host.Home.TrimEnd('/') + location[1..] : location;
    }

    private static ImageSource Image(Section image, HostFacts host) => new(
        Location(image, host),
        image.Text("arch") ?? "",
        image.Text("digest") ?? "",
        image.Has("kernel") ? Kernel(image.Map("kernel"), host) : null,
        image.Has("initrd") ? new FileSource(Location(image.Map("initrd"), host), image.Map("initrd").Text("digest") ?? "") : null)
    {
        Variant = image.Text("variant") ?? "",
        ArchVariant = image.Text("archVariant") ?? "",
    };

    private static KernelSource Kernel(Section kernel, HostFacts host) =>
        new(Location(kernel, host), kernel.Text("digest") ?? "", kernel.Text("cmdline") ?? "");
}
