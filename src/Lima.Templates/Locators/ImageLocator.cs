using System.Text;
using System.Text.RegularExpressions;
using Lima.Templates.Yaml;

namespace Lima.Templates.Locators;

/// <summary>Disk images in the place of templates: what the name of an image tells about its guest.</summary>
public static partial class ImageLocator
{
    private static readonly (string Word, string Arch)[] Architectures =
    [
        ("aarch64", "aarch64"), ("arm64", "aarch64"), ("amd64", "x86_64"), ("x86_64", "x86_64"), ("armhf", "armv7l"), ("armv7l", "armv7l"),
        ("ppc64el", "ppc64le"), ("ppc64le", "ppc64le"), ("riscv64", "riscv64"), ("s390x", "s390x"),
    ];

    /// <summary>Words that distributions put into the names of images and that tell nothing about the guest.</summary>
    private static readonly string[] Noise =
    [
        "base", "basic", "cloud", "cloudimg", "cloudinit", "current", "daily", "default", "generic", "genericcloud", "kvm", "latest", "linux",
        "minimal", "openstack", "release", "restore", "server", "std", "stream", "uefi", "vm",
    ];

    /// <summary>Whether a locator ends like a disk image.</summary>
    public static bool IsImage(string locator) => Suffix().IsMatch(locator);

    /// <summary>The template that an image stands for.</summary>
    /// <param name="locator">URL or absolute path.</param>
    /// <param name="hostArch">Architecture to take where the name tells none.</param>
    public static ImageTemplate Template(string locator, string hostArch)
    {
        var os = FreeBsd().IsMatch(locator) ? "FreeBSD" : Apple().IsMatch(locator) ? "Darwin" : "Linux";
        var (word, arch) = Array.Find(Architectures, known => Regex.IsMatch(locator, $@"\b{known.Word}\b", RegexOptions.ECMAScript));

        // macOS guests never ran on anything else.
        arch ??= os == "Darwin" ? "aarch64" : hostArch;
        var quoted = YamlTreeWriter.Quoted(locator);
        var yaml = new StringBuilder()
            .Append("os: ").Append(os).Append('\n')
            .Append("arch: ").Append(arch).Append('\n')
            .Append("images:\n- location: ").Append(quoted).Append("\n  arch: ").Append(arch).Append('\n');
        return new ImageTemplate(yaml.ToString(), os, arch, word is null && os != "Darwin");
    }

    /// <summary>The name that an instance of an image gets: the image's own, without what is the same for all images.</summary>
    /// <param name="locator">URL or path.</param>
    /// <param name="arch">Architecture of the image, which is left out when it is the host's.</param>
    /// <param name="hostArch">Architecture of the host.</param>
    /// <returns>A text that need not be a valid name.</returns>
    public static string Name(string locator, string arch, string hostArch)
    {
        var name = Suffix().Replace(locator[(locator.LastIndexOf('/') + 1)..].ToLowerInvariant(), "");
        if (name.StartsWith("nocloud_", StringComparison.Ordinal)) name = name["nocloud_".Length..];
        foreach (var word in Noise) name = Regex.Replace(name, $@"[-_.]{word}\b", "", RegexOptions.ECMAScript);
        name = name.Replace("universalmac_", "macos-", StringComparison.Ordinal).Replace("arm64-aarch64", "arm64", StringComparison.Ordinal);
        if (arch == hostArch) name = Regex.Replace(name, $@"[-_.]{Regex.Escape(arch)}\b", "", RegexOptions.ECMAScript);
        name = Date().Replace(name, "");
        name = Arch().Replace(name, "archlinux");
        name = MajorTwice().Replace(name, "-$1.");
        return MacBuild().Replace(name, "$1");
    }

    [GeneratedRegex(@"\.(img|qcow2|raw|iso|ipsw)(\.(gz|xz|bz2|zstd))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();

    [GeneratedRegex(@"\bFreeBSD\b", RegexOptions.IgnoreCase | RegexOptions.ECMAScript)]
    private static partial Regex FreeBsd();

    [GeneratedRegex(@"\bmacOS\b|\.ipsw\b", RegexOptions.IgnoreCase | RegexOptions.ECMAScript)]
    private static partial Regex Apple();

    [GeneratedRegex(@"[-_.]20[0-9]{6}([-_.][0-9]+)?\b", RegexOptions.ECMAScript)]
    private static partial Regex Date();

    [GeneratedRegex(@"^arch\b", RegexOptions.ECMAScript)]
    private static partial Regex Arch();

    [GeneratedRegex(@"-([0-9]+)-\1\.", RegexOptions.ECMAScript)]
    private static partial Regex MajorTwice();

    [GeneratedRegex(@"^(macos-[0-9.]+)[-_].*$", RegexOptions.ECMAScript)]
    private static partial Regex MacBuild();
}
