using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Probes.</summary>
internal static class ProbeRules
{
    public static void Check(Reading reading)
    {
        var i = 0;
        foreach (var probe in reading.Root.Items("probes")) Check(reading, probe, $"probe[{i++}]");
    }

    /// <summary>That a text which may stand in a file of its own has been put into the template.</summary>
    public static void CheckFile(Reading reading, Section entry, string name)
    {
        if (!entry.Has("file")) return;
        var file = entry.Map("file");
        if (file.Text("url") is { Length: > 0 })
        {
            reading.Error(entry, "file", $"field `{name}.file.url` must be empty during validation (script should already be embedded)");
        }

        if (file.Has("digest")) reading.Error(file, "digest", $"field `{name}.file.digest` support is not yet implemented");
    }

    private static void Check(Reading reading, Section probe, string name)
    {
        CheckFile(reading, probe, name);
        if (probe.Text("script")?.StartsWith("#!", StringComparison.Ordinal) != true)
        {
            reading.Error(probe, "script", $"field `{name}.script` must start with a '#!' line");
        }

        if (probe.Text("mode") is { } mode and not "readiness")
        {
            reading.Error(probe, "mode", $"field `{name}.mode` can only be `readiness`, got `{Shown.Value(mode)}`");
        }
    }
}
