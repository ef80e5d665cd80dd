using System.Globalization;
using System.Text.Json.Nodes;
using Lima.Templates.Yq;

namespace Lima.Host.Specs;

/// <summary>What a configuration says of disks, changed in its text; comments and order stay.</summary>
internal static class DiskYaml
{
    private const long KiB = 1 << 10, MiB = 1 << 20, GiB = 1 << 30;

    /// <summary>With another size of the instance's own disk.</summary>
    /// <exception cref="FormatException">The text cannot be changed.</exception>
    public static string WithSize(string text, long bytes, string source) => Apply($".disk = \"{Size(bytes)}\"", text, source);

    /// <summary>With one more disk.</summary>
    /// <exception cref="FormatException">The text cannot be changed.</exception>
    public static string With(string text, string disk, bool format, string? fsType, string source)
    {
        var entry = new JsonObject { ["name"] = disk };
        if (!format) entry["format"] = false;
        if (fsType is { Length: > 0 }) entry["fsType"] = fsType;
        return Apply($".additionalDisks += [{entry.ToJsonString()}]", text, source);
    }

    /// <summary>Without a disk, whichever form it is written in.</summary>
    /// <exception cref="FormatException">The text cannot be changed.</exception>
    public static string Without(string text, string disk, string source)
    {
        var name = JsonValue.Create(disk).ToJsonString();
        return Apply($"del(.additionalDisks[] | select((tag == \"!!str\" and . == {name}) or (tag == \"!!map\" and .name == {name})))", text, source);
    }

    /// <summary>To the byte, in the largest unit that it is whole in.</summary>
    internal static string Size(long bytes) => bytes switch
    {
        _ when bytes % GiB == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / GiB}GiB"),
        _ when bytes % MiB == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB}MiB"),
        _ when bytes % KiB == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / KiB}KiB"),
        _ => bytes.ToString(CultureInfo.InvariantCulture),
    };

    private static string Apply(string expression, string text, string source) =>
        YqText.Apply([expression], text, source, YqSecurity.Restricted, out var changed, out var problem) ? changed : throw new FormatException(problem);
}
