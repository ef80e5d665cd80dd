namespace Lima.Templates.Defaults;

/// <summary>Mounts: those of the three files united by mount point, then every option.</summary>
internal static class MountDefaults
{
    private static readonly (string Section, string[] Keys)[] Options =
    [
        ("sshfs", ["cache", "followSymlinks", "sftpDriver"]),
        ("9p", ["securityModel", "protocolVersion", "msize", "cache"]),
        ("virtiofs", ["queueSize"]),
    ];

    public static void Fill(Draft root, Filling filling)
    {
        var mounts = new Dictionary<string, Draft>(StringComparer.Ordinal);
        var ordered = new List<Draft>();
        foreach (var mount in root.Items("mounts"))
        {
            Place(mount, filling);
            if (mounts.TryAdd(mount.Text("mountPoint")!, mount)) ordered.Add(mount);
            else Overrule(mounts[mount.Text("mountPoint")!], mount);
        }

        foreach (var mount in ordered) FillOptions(mount);
        root.Keep("mounts", ordered);
    }

    private static void Place(Draft mount, Filling filling)
    {
        if (filling.ExpandHost(mount, "location")) mount.Set("location", HostPath.Clean(mount.Text("location") ?? ""));
        mount.Set("location", HostPath.Expand(mount.Text("location") ?? "", filling.Host.Home));
        if (mount["mountPoint"] is null) mount.Default("mountPoint", mount.Text("location")!);
        else filling.ExpandGuest(mount, "mountPoint");
    }

    private static void Overrule(Draft known, Draft mount)
    {
        known["writable"] = mount["writable"] ?? known["writable"];
        foreach (var (section, keys) in Options)
        {
            var from = mount.Map(section);
            TemplateFiller.Edit(known, section, into =>
            {
                foreach (var key in keys) into[key] = from[key] ?? into[key];
            });
        }
    }

    private static void FillOptions(Draft mount)
    {
        mount.Default("writable", false);
        TemplateFiller.Edit(mount, "sshfs", sshfs =>
        {
            sshfs.Default("cache", true);
            sshfs.Default("followSymlinks", false);
            sshfs.Default("sftpDriver", "");
        });
        TemplateFiller.Edit(mount, "9p", ninep =>
        {
            ninep.Default("securityModel", "none");
            ninep.Default("protocolVersion", "9p2000.L");
            ninep.Default("msize", "128KiB");
            ninep.Default("cache", mount.Bool("writable") == true ? "mmap" : "fscache");
        });
    }
}
