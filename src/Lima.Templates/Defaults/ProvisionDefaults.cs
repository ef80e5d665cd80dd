namespace Lima.Templates.Defaults;

/// <summary>Provisioning and probes: modes, owners, permissions, and texts with their variables.</summary>
internal static class ProvisionDefaults
{
    public static void Fill(Draft root, Filling filling)
    {
        var entries = root.Items("provision");
        foreach (var entry in entries) FillEntry(entry, filling);
        root.Keep("provision", entries);
        var probes = root.Items("probes");
        for (var i = 0; i < probes.Count; i++) FillProbe(probes[i], filling, $"user probe {i + 1}/{probes.Count}");
        root.Keep("probes", probes);
    }

    private static void FillEntry(Draft entry, Filling filling)
    {
        entry.Default("mode", "system");
        var mode = entry.Text("mode");
        if (mode == "dependency") entry.Default("skipDefaultDependencyResolution", false);
        if (mode == "data")
        {
            entry.Default("content", "");
            filling.ExpandGuest(entry, "content");
            entry.Default("overwrite", true);
        }

        if (mode == "yq")
        {
            filling.ExpandGuest(entry, "expression");
            entry.Default("format", "auto");
        }

        if (mode is "data" or "yq")
        {
            entry.Default("owner", filling.Os is "Darwin" or "FreeBSD" ? "root:wheel" : "root:root");
            filling.ExpandGuest(entry, "owner");
            filling.ExpandGuest(entry, "path");
            entry.Default("permissions", "644");
        }

        entry.Default("script", "");
        filling.ExpandGuest(entry, "script");
    }

    private static void FillProbe(Draft probe, Filling filling, string description)
    {
        probe.Default("mode", "readiness");
        probe.Default("description", description);
        probe.Default("script", "");
        filling.ExpandGuest(probe, "script");
    }
}
