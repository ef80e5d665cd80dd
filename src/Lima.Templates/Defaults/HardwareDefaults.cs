using System.Collections.Immutable;

namespace Lima.Templates.Defaults;

/// <summary>Processors, memory and disk where the template says nothing.</summary>
internal static class HardwareDefaults
{
    /// <summary>Size of the disk as Lima writes it.</summary>
    public const string Disk = "100GiB";

    private const int CpusMax = 4;
    private const long MemoryMax = 4L << 30;

    public static int Cpus(HostFacts host) => Math.Clamp(host.Cpus, 1, CpusMax);

    public static long MemoryBytes(HostFacts host) => Math.Max(1, Math.Min(MemoryMax, host.MemoryBytes / 2));

    /// <summary>CPU models per architecture: the deprecated field, overruled by the present one.</summary>
    public static ImmutableDictionary<string, string> CpuTypes(Section root)
    {
        var types = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var section in new[] { root, root.Map("vmOpts").Map("qemu") })
        {
            foreach (var (key, _, text) in section.Pairs("cpuType").Where(pair => pair.Text.Length > 0)) types[key.Value] = text;
        }

        return types.ToImmutable();
    }
}
