namespace Lima.Templates.Defaults;

/// <summary>containerd: for the user of Linux guests on two architectures, from the archives that Lima 2.2 names.</summary>
internal static class ContainerdDefaults
{
    private const string Release = "https://github.com/containerd/nerdctl/releases/download/v2.3.5/nerdctl-full-2.3.5-linux-";

    private static readonly (string Arch, string Name, string Digest)[] Archives =
    [
        ("x86_64", "amd64", "sha256:b697295c623639734aaab737523c808fd3cc8d3046039fd94fff1744e4c317aa"),
        ("aarch64", "arm64", "sha256:6e4b687f1d138e750a3c8372abc0f81d3d7490b6359c48c0562fc7dfe98859b2"),
    ];

    public static void Fill(Draft root, Filling filling) => TemplateFiller.Edit(root, "containerd", containerd =>
    {
        containerd.Default("system", false);
        containerd.Default("user", filling.Os == "Linux" && filling.Arch is "x86_64" or "aarch64");
        var archives = containerd.Items("archives");
        if (archives.Count == 0) archives = [.. Archives.Select(archive => Usual(containerd, archive))];
        foreach (var archive in archives) ImageDefaults.Arch(archive, filling.Arch);
        containerd.Keep("archives", archives);
    });

    private static Draft Usual(Draft containerd, (string Arch, string Name, string Digest) archive)
    {
        var file = new Draft(null, Schema.LimaSchema.Root.Find("containerd")!.Find("archives")!.Element!, containerd.FieldPath("archives"), containerd.At);
        file.Set("location", $"{Release}{archive.Name}.tar.gz");
        file.Set("arch", archive.Arch);
        file.Set("digest", archive.Digest);
        return file;
    }
}
