using System.Text.RegularExpressions;
using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Images, kernels, initial RAM disks and firmware.</summary>
internal static partial class ImageRules
{
    public static void Check(Reading reading)
    {
        if (!reading.Root.Has("images") || reading.Root.Node("images") is YamlList { Items.IsEmpty: true })
        {
            reading.Error(reading.Root, "images", "field `images` must be set");
        }

        foreach (var image in reading.Root.Items("images"))
        {
            CheckFile(reading, image, recipes: true);
            CheckPart(reading, image, "kernel");
            CheckPart(reading, image, "initrd");
        }

        foreach (var image in reading.Root.Map("firmware").Items("images")) CheckFile(reading, image, recipes: false);
    }

    /// <summary>Archives of containerd, where anything is to be installed from them.</summary>
    public static void CheckContainerd(Reading reading)
    {
        var containerd = reading.Root.Map("containerd");
        if (containerd.Bool("system") != true && containerd.Bool("user") != true) return;
        foreach (var archive in containerd.Items("archives")) CheckFile(reading, archive, recipes: false);
    }

    private static void CheckPart(Reading reading, Section image, string key)
    {
        if (!image.Has(key)) return;
        var part = image.Map(key);
        CheckFile(reading, part, recipes: false);
        var wanted = image.Text("arch") ?? reading.Arch;
        if (part.Text("arch") is { } arch && arch != wanted)
        {
            reading.Error(part, "arch",
                $"field `{part.Path}` has unexpected architecture `{Shown.Value(arch)}`, must be `{Shown.Value(wanted)}`");
        }
    }

    private static void CheckFile(Reading reading, Section file, bool recipes)
    {
        var path = file.FieldPath("location");
        if (Problem(file.Text("location") ?? "", recipes) is { } problem) reading.Error(file, "location", $"field `{path}` {problem}");
        if (file.Text("arch") is { } arch && arch != reading.Arch && !LimaSchema.Architectures.Contains(arch))
        {
            reading.Error(file, "arch",
                $"field `{file.FieldPath("arch")}` must be one of [{string.Join(' ', LimaSchema.Architectures)}]; got `{Shown.Value(arch)}`");
        }

        if (file.Text("digest") is not { Length: > 0 } digest || Digests.Problem(digest) is not { } wrong) return;
        reading.Error(file, "digest", $"field `{file.FieldPath("digest")}` is invalid: {Shown.Value(digest)}: {wrong}");
    }

    private static string? Problem(string location, bool recipes)
    {
        var shown = Shown.Value(location);
        if (location.Length == 0) return "must be set";
        if (location.Any(char.IsControl)) return "must not contain control characters";
        if (location.StartsWith("recipe:", StringComparison.Ordinal))
        {
            if (!recipes) return $"must be a URL or a path, got `{shown}`; recipes make disk images only";
            return Recipe().IsMatch(location) ? null : $"names no recipe, got `{shown}`; write `recipe:NAME` with small letters, digits, `-` and `.`";
        }

        if (Scheme().Match(location) is { Success: true } scheme)
        {
            return scheme.Value is "http://" or "https://" or "file://" ? null : $"has an unknown scheme `{scheme.Value}`; use http, https or file";
        }

        return location[0] == '/' || location == "~" || location.StartsWith("~/", StringComparison.Ordinal)
            ? null
            : $"must be a URL, an absolute path, or a path that starts with `~/`, got `{shown}`";
    }

    [GeneratedRegex(@"^recipe:[a-z0-9]+(?:[.-][a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Recipe();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*://", RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();
}
