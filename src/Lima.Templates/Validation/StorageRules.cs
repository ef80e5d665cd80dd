using System.Text.RegularExpressions;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Further disks, mounts and copies out of the guest.</summary>
internal static partial class StorageRules
{
    public static void Check(Reading reading)
    {
        CheckDisks(reading);
        foreach (var mount in reading.Root.Items("mounts")) CheckMount(reading, mount);
        var i = 0;
        foreach (var copy in reading.Root.Items("copyToHost"))
        {
            CheckAbsolute(reading, copy, "guest", $"CopyToHost[{i}].guest");
            CheckAbsolute(reading, copy, "host", $"CopyToHost[{i++}].host");
        }
    }

    private static void CheckDisks(Reading reading)
    {
        var disks = reading.Root.Nodes("additionalDisks");
        for (var i = 0; i < disks.Length; i++)
        {
            var name = YamlScalars.AsText(disks[i] is YamlMap map ? map["name"] : disks[i]) ?? "";
            var problem = name switch
            {
                "" => "identifier must not be empty",
                { Length: > 76 } => "identifier is longer than 76 characters",
                _ when !Identifier().IsMatch(name) => $"identifier `{Shown.Value(name)}` must be letters and digits, joined by single `.`, `_` or `-`",
                _ => null,
            };
            if (problem is not null)
            {
                reading.Problems.Error(disks[i].At, $"additionalDisks[{i}].name",
                    $"field `additionalDisks[{i}].name is invalid`: {problem}");
            }
        }
    }

    private static void CheckMount(Reading reading, Section mount)
    {
        var location = mount.Text("location") ?? "";
        if (!IsAbsolute(location) && location != "~" && !location.StartsWith("~/", StringComparison.Ordinal))
        {
            reading.Error(mount, "location",
                $"field `{mount.FieldPath("location")}` must be an absolute path, got `{Shown.Value(location)}`");
        }

        if (mount.Text("mountPoint") is not { Length: > 0 } point) return;
        var path = mount.FieldPath("mountPoint");
        if (point.StartsWith('~'))
        {
            reading.Error(mount, "mountPoint", $"field `{path}` must not start with `~`, got `{Shown.Value(point)}`");
        }
        else if (!IsAbsolute(point))
        {
            reading.Error(mount, "mountPoint", $"field `{path}` must be an absolute path, got `{Shown.Value(point)}`");
        }
        else if (IsSystem(point))
        {
            reading.Error(mount, "mountPoint",
                $"field `{path}` must not be a system path such as /etc or /usr, got `{Shown.Value(point)}`");
        }
    }

    private static bool IsSystem(string path) =>
        path.TrimEnd('/') is "" or "/bin" or "/dev" or "/etc" or "/home" or "/opt" or "/sbin" or "/tmp" or "/usr" or "/var";

    private static void CheckAbsolute(Reading reading, Section section, string key, string name)
    {
        var path = section.Text(key) ?? "";
        if (!IsAbsolute(path)) reading.Error(section, key, $"field `{name}` must be an absolute path, got `{Shown.Value(path)}`");
    }

    /// <summary>Absolute, or starting with a variable whose value is not known here.</summary>
    private static bool IsAbsolute(string path) => path.StartsWith('/') || path.StartsWith("{{", StringComparison.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
