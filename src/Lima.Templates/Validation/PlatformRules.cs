using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Which program, hypervisor and guest system a template is for.</summary>
internal static class PlatformRules
{
    public static void Check(Reading reading, SchemaChecker notes)
    {
        CheckVmType(reading, notes);
        CheckMinimumVersion(reading);
        CheckOs(reading);
        if (!LimaSchema.Architectures.Contains(reading.Arch))
        {
            reading.Error(reading.Root, "arch", $"field `arch` must be one of [{string.Join(' ', LimaSchema.Architectures)}]; got `{Shown.Value(reading.Arch)}`");
        }
    }

    /// <summary>The version of a field that holds one, reported when it is none.</summary>
    public static LimaVersion? Version(Reading reading, Section section, string key)
    {
        if (section.Text(key) is not { } text) return null;
        var version = LimaVersion.Parse(text);
        if (version is null)
        {
            var shown = Shown.Value(text);
            reading.Error(section, key,
                $"field `{section.FieldPath(key)}` must be a semvar value, got `{shown}`: {shown} is not in dotted-tri format");
        }

        return version;
    }

    private static void CheckMinimumVersion(Reading reading)
    {
        if (Version(reading, reading.Root, "minimumLimaVersion") is not { } wanted) return;

        // A development version that says nothing is taken to satisfy everything.
        if (LimaVersion.Parse(reading.Host.LimaVersion) is not { } own || wanted.CompareTo(own) <= 0) return;
        reading.Error(
            reading.Root,
            "minimumLimaVersion",
            $"template requires Lima version `{Shown.Value(reading.Root.Text("minimumLimaVersion")!)}`; this is only `{reading.Host.LimaVersion}`");
    }

    private static void CheckVmType(Reading reading, SchemaChecker notes)
    {
        switch (reading.Root.Text("vmType"))
        {
            case null or "qemu":
                break;
            case "vz" or "wsl2":
                notes.NoteNotYet("vmType", reading.Root.At("vmType"));
                break;
            case var other:
                reading.Error(reading.Root, "vmType", $"vmType `{Shown.Value(other)}` is not a registered driver; the one here is `qemu`");
                break;
        }
    }

    private static void CheckOs(Reading reading)
    {
        if (!LimaSchema.OperatingSystems.Contains(reading.Os))
        {
            reading.Error(reading.Root, "os",
                $"field `os` must be one of [{string.Join(' ', LimaSchema.OperatingSystems.Select(name => $"`{name}`"))}]; got `{Shown.Value(reading.Os)}`");
        }

        if (reading.Os != "Windows") return;
        if (reading.VmType != "qemu")
        {
            reading.Error(reading.Root, "vmType", $"currently Windows guest is only supported on `qemu`; got `{Shown.Value(reading.VmType)}`");
        }

        if (reading.Arch is not ("x86_64" or "aarch64"))
        {
            reading.Error(reading.Root, "arch", $"currently Windows guest is only supported on [`x86_64`, `aarch64`]; got `{Shown.Value(reading.Arch)}`");
        }
    }
}
