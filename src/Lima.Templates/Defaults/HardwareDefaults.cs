using System.Collections.Immutable;
using Lima.Templates.Validation;

namespace Lima.Templates.Defaults;

/// <summary>Processors, memory and disk where the template says nothing.</summary>
internal static class HardwareDefaults
{
    private const int CpusMax = 4;
    private const long MemoryMax = 4L << 30;
    private const long Disk = 100L << 30;

    public static int Cpus(Reading reading) =>
        reading.Root.Integer("cpus") is { } cpus and not 0 ? (int)cpus : Math.Clamp(reading.Host.Cpus, 1, CpusMax);

    public static long MemoryBytes(Reading reading) => Size(reading, "memory") ?? Math.Max(1, Math.Min(MemoryMax, reading.Host.MemoryBytes / 2));

    public static long DiskBytes(Reading reading) => Size(reading, "disk") ?? Disk;

    /// <summary>CPU models per architecture: the deprecated field, overruled by the present one.</summary>
    public static ImmutableDictionary<string, string> CpuTypes(Reading reading)
    {
        var types = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var section in new[] { reading.Root, reading.Root.Map("vmOpts").Map("qemu") })
        {
            foreach (var (key, _, text) in section.Pairs("cpuType").Where(pair => pair.Text.Length > 0)) types[key.Value] = text;
        }

        return types.ToImmutable();
    }

    private static long? Size(Reading reading, string key) => reading.Root.Text(key) is { } text ? SizeText.Parse(text) : null;
}
