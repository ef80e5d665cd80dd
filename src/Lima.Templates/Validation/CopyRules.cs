using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Files that are copied out of the guest.</summary>
internal static class CopyRules
{
    public static void Check(Reading reading)
    {
        var i = 0;
        foreach (var copy in reading.Root.Items("copyToHost"))
        {
            CheckAbsolute(reading, copy, "guest", $"CopyToHost[{i}].guest");
            CheckAbsolute(reading, copy, "host", $"CopyToHost[{i++}].host");
        }
    }

    private static void CheckAbsolute(Reading reading, Section section, string key, string name)
    {
        var path = section.Text(key) ?? "";
        if (!path.StartsWith('/')) reading.Error(section, key, $"field `{name}` must be an absolute path, got `{Shown.Value(path)}`");
    }
}
