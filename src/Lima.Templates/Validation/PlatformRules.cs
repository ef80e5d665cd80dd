using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Which program, hypervisor and guest system a template is for.</summary>
internal static class PlatformRules
{
    public static void Check(Reading reading, SchemaChecker notes)
    {
        CheckMinimumVersion(reading);
        CheckVmType(reading, notes);
        CheckOs(reading);
        if (reading.Root.Text("arch") is "riscv64" or "armv7l" or "s390x" or "ppc64le")
        {
            reading.Warn(reading.Root, "arch", $"`arch: {reading.Arch}` is experimental");
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
        var os = reading.Root.Text("os");
        if (os is "Darwin" or "FreeBSD" or "Windows") reading.Warn(reading.Root, "os", "support for non-Linux guests is experimental");
        if (os != "Windows") return;
        if (reading.Root.Text("vmType") is { } type and not "qemu")
        {
            reading.Error(reading.Root, "vmType", $"currently Windows guest is only supported on `qemu`; got `{Shown.Value(type)}`");
        }

        if (reading.Arch is not ("x86_64" or "aarch64"))
        {
            reading.Error(reading.Root, "arch",
                $"currently Windows guest is only supported on x86_64 and aarch64; got `{Shown.Value(reading.Arch)}`");
        }
    }
}
