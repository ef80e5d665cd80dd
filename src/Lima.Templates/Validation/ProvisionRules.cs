using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Provisioning scripts and probes.</summary>
internal static class ProvisionRules
{
    private static readonly string[] DataOnly = ["content", "overwrite", "owner", "path", "permissions", "format"];

    public static void Check(Reading reading, SchemaChecker notes)
    {
        foreach (var entry in reading.Root.Items("provision")) CheckProvision(reading, entry, notes);
        var i = 0;
        foreach (var probe in reading.Root.Items("probes")) CheckProbe(reading, probe, i++);
    }

    /// <summary>Mode of an entry; <c>system</c> when it says none.</summary>
    public static string Mode(Section entry) => entry.Text("mode") is { Length: > 0 } mode ? mode : "system";

    private static void CheckProvision(Reading reading, Section entry, SchemaChecker notes)
    {
        var mode = Mode(entry);
        CheckFile(reading, entry, entry.Path);
        switch (mode)
        {
            case "system" or "user" or "boot":
                break;
            case "dependency" or "ansible" or "data" or "yq":
                notes.NoteNotYet($"{entry.Path}.mode: {mode}", entry.At("mode"));
                break;
            default:
                reading.Error(entry, "mode",
                    $"field `{entry.Path}.mode` must one of `system`, `user`, `boot`, `data`, `dependency`, `ansible`, or `yq`, got `{Shown.Value(mode)}`");
                break;
        }

        if (mode is "data" or "yq") CheckTarget(reading, entry, mode);
        else CheckScript(reading, entry, mode);
        if (entry.Has("skipDefaultDependencyResolution") && mode != "dependency")
        {
            reading.Error(entry, "skipDefaultDependencyResolution",
                $"field `{entry.Path}.skipDefaultDependencyResolution` is only valid when mode is `dependency`");
        }

        if (entry.Has("playbook") && mode != "ansible")
        {
            reading.Error(entry, "playbook", $"field `{entry.Path}.mode` must be `ansible` if `playbook` is set");
        }

        if (reading.Root.Text("os") == "Windows" && mode is ("ansible" or "boot" or "yq"))
        {
            reading.Error(entry, "mode", $"provision mode `{mode}` is not supported on Windows VM");
        }

        if (entry.Text("script")?.Contains("LIMA_CIDATA", StringComparison.Ordinal) == true)
        {
            reading.Warn(entry, "script", $"field `{entry.Path}.script` uses LIMA_CIDATA variables, which are internal and may change");
        }
    }

    private static void CheckScript(Reading reading, Section entry, string mode)
    {
        if (mode != "ansible" && entry.Text("script") is (null or "") && !entry.Has("file"))
        {
            reading.Error(entry, "script", $"field `{entry.Path}.script` must not be empty");
        }

        foreach (var key in DataOnly.Where(entry.Has))
        {
            reading.Error(entry, key, $"field `{entry.Path}.{key}` must not be set when mode is `{Shown.Value(mode)}`");
        }
    }

    private static void CheckTarget(Reading reading, Section entry, string mode)
    {
        var path = entry.Text("path") ?? "";
        if (path.Length == 0) reading.Error(entry, "path", $"field `{entry.Path}.path` must not be empty when mode is `{mode}`");
        else if (!path.StartsWith('/') && !path.StartsWith("{{", StringComparison.Ordinal))
        {
            reading.Error(entry, "path", $"field `{entry.Path}.path` must be an absolute path, got `{Shown.Value(path)}`");
        }

        if (mode == "yq" && entry.Text("expression") is (null or "") && !entry.Has("file"))
        {
            reading.Error(entry, "expression", $"field `{entry.Path}.expression` must not be empty when mode is `yq`");
        }

        if (entry.Text("permissions") is { } permissions && !IsOctal(permissions))
        {
            reading.Error(entry, "permissions",
                $"field `{entry.Path}.permissions` must be an octal number, got `{Shown.Value(permissions)}`");
        }
    }

    private static bool IsOctal(string text) => text.Length is > 0 and <= 5 && text.All(c => c is >= '0' and <= '7');

    private static void CheckFile(Reading reading, Section entry, string name)
    {
        if (!entry.Has("file")) return;
        if (entry.Map("file").Has("digest"))
        {
            reading.Error(entry.Map("file"), "digest", $"field `{name}.file.digest` support is not yet implemented");
        }

        if (entry.Node("file") is YamlScalar || entry.Map("file").Has("url"))
        {
            reading.Error(entry, "file", $"field `{name}.file` is not supported in this version; put the text itself into the template");
        }
    }

    private static void CheckProbe(Reading reading, Section probe, int index)
    {
        CheckFile(reading, probe, $"probe[{index}]");
        if (probe.Text("mode") is { Length: > 0 } mode and not "readiness")
        {
            reading.Error(probe, "mode", $"field `probe[{index}].mode` can only be `readiness`, got `{Shown.Value(mode)}`");
        }

        var elsewhere = probe.Node("file") is YamlScalar || probe.Map("file").Has("url");
        if (!elsewhere && probe.Text("script")?.StartsWith("#!", StringComparison.Ordinal) != true)
        {
            reading.Error(probe, "script", $"field `probe[{index}].script` must start with a '#!' line");
        }
    }
}
