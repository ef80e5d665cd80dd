using System.Globalization;
using Lima.Domain.Specs;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Mounts.Virtiofs;

/// <summary>
/// One device of a machine for one mount. When its daemon dies the device is of no use any more, since QEMU does not connect
/// it again; the next generation is plugged in beside it. The first has Lima's tag and is there from the launch on.
/// </summary>
/// <param name="Mount">What it serves.</param>
/// <param name="Generation">0 for the one of the launch.</param>
public sealed record VirtiofsDevice(MountSpec Mount, int Generation)
{
    private string Key => MountTag.Of(Mount)[5..13];

    /// <summary>Its name in QEMU.</summary>
    public string Id => Invariant($"vfs-{Key}-{Generation}");

    /// <summary>Name of its connection to the daemon in QEMU.</summary>
    public string Chardev => "char-" + Id;

    /// <summary>Its name in the guest.</summary>
    public string Tag => Generation == 0 ? MountTag.Of(Mount) : Invariant($"{MountTag.Of(Mount)}.{Generation}");

    /// <summary>Where QEMU connects.</summary>
    public string Socket(InstanceDirectory directory) => Path.Combine(directory.Path, Id + ".sock");

    /// <summary>Where its daemon listens when a relay stands between the two.</summary>
    public string DaemonSocket(InstanceDirectory directory) => Path.Combine(directory.Path, Id + "-d.sock");

    /// <summary>What its daemon says.</summary>
    public string Log(InstanceDirectory directory) => Path.Combine(directory.Path, Id + ".log");

    /// <summary>The one that follows it.</summary>
    public VirtiofsDevice Next => this with { Generation = Generation + 1 };

    /// <summary>The newest generation among the names of a machine's devices.</summary>
    public static VirtiofsDevice Newest(MountSpec mount, IEnumerable<string> names)
    {
        var first = new VirtiofsDevice(mount, 0);
        var prefix = $"vfs-{first.Key}-";
        var newest = names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty(0).Max();
        return first with { Generation = newest };
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
