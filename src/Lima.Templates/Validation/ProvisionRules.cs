using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Provisioning.</summary>
internal static class ProvisionRules
{
    // Which modes a key is for, in Lima's words.
    private static readonly (string Key, string Modes)[] FileKeys =
    [
        ("content", "`data`"), ("overwrite", "`data`"), ("owner", "`data`"), ("path", "`data`, or `yq`"),
        ("permissions", "`data`, or `yq`"), ("format", "`yq`"),
    ];

    public static void Check(Reading reading)
    {
        foreach (var entry in reading.Root.Items("provision")) Check(reading, entry, entry.Text("mode") ?? "system");
    }

    private static void Check(Reading reading, Section entry, string mode)
    {
        ProbeRules.CheckFile(reading, entry, entry.Path);
        CheckMode(reading, entry, mode);
        if (mode is "data" or "yq") CheckTarget(reading, entry, mode);
        else CheckScript(reading, entry, mode);
        if (entry.Text("playbook") is { } playbook) CheckPlaybook(reading, entry, mode, playbook);
        if (entry.Text("script")?.Contains("LIMA_CIDATA", StringComparison.Ordinal) == true)
        {
            reading.Warn(entry, "script", $"field `{entry.Path}.script`: provisioning scripts should not reference the LIMA_CIDATA variables");
        }
    }

    private static void CheckMode(Reading reading, Section entry, string mode)
    {
        if (mode is not ("system" or "user" or "boot" or "data" or "dependency" or "ansible" or "yq"))
        {
            reading.Error(entry, "mode",
                $"field `{entry.Path}.mode` must one of `system`, `user`, `boot`, `data`, `dependency`, `ansible`, or `yq`, got `{Shown.Value(mode)}`");
        }

        if (entry.Has("skipDefaultDependencyResolution") && mode != "dependency")
        {
            reading.Error(entry, "skipDefaultDependencyResolution",
                $"field `{entry.Path}.mode` cannot set skipDefaultDependencyResolution, only valid on scripts of type `dependency`");
        }

        if (reading.Os == "Windows" && mode is ("ansible" or "boot" or "yq"))
        {
            reading.Error(entry, "mode", $"provision mode `{mode}` is not supported on Windows VM");
        }
    }

    private static void CheckScript(Reading reading, Section entry, string mode)
    {
        if (mode != "ansible" && entry.Text("script") is (null or "") && !Elsewhere(entry))
        {
            reading.Error(entry, "script", $"field `{entry.Path}.script` must not be empty");
        }

        foreach (var (key, modes) in FileKeys)
        {
            if (entry.Has(key)) reading.Error(entry, key, $"field `{entry.Path}.{key}` can only be set when mode is {modes}");
        }
    }

    private static void CheckTarget(Reading reading, Section entry, string mode)
    {
        var path = entry.Text("path") ?? "";
        if (path.Length == 0) reading.Error(entry, "path", $"field `{entry.Path}.path` must not be empty when mode is `{mode}`");
        else if (!path.StartsWith('/')) reading.Error(entry, "path", $"field `{entry.Path}.path` must be an absolute path, got `{Shown.Value(path)}`");
        if (mode == "yq" && !entry.Has("expression") && !Elsewhere(entry))
        {
            reading.Error(entry, "expression", $"field `{entry.Path}.expression` must not be empty when mode is `yq`");
        }

        if (entry.Text("permissions") is { } permissions && !IsOctal(permissions))
        {
            reading.Error(entry, "permissions", $"field `{entry.Path}.permissions` must be an octal number, got `{Shown.Value(permissions)}`");
        }
    }

    private static void CheckPlaybook(Reading reading, Section entry, string mode, string playbook)
    {
        if (mode != "ansible") reading.Error(entry, "playbook", $"field `{entry.Path}.playbook` can only be set when mode is `ansible`");
        if (entry.Text("script") is { Length: > 0 })
        {
            reading.Error(entry, "script", $"field `{entry.Path}.script` must be empty if `playbook` is set");
        }

        if (reading.Host.Look?.Invoke(playbook) is PathKind.Missing or PathKind.Inaccessible)
        {
            reading.Error(entry, "playbook", $"field `{entry.Path}.playbook` refers to an inaccessible path: `{Shown.Value(playbook)}`");
        }

        reading.Warn(entry, "mode", $"provision mode `ansible` is deprecated, use `ansible-playbook {Shown.Value(playbook)}` instead");
    }

    // What is missing for that reason is reported as such.
    private static bool Elsewhere(Section entry) => entry.Map("file").Text("url") is { Length: > 0 };

    private static bool IsOctal(string text) => text.Length is > 0 and <= 5 && text.All(c => c is >= '0' and <= '7');
}
