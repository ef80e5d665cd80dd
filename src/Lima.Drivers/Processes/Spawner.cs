using System.Collections;

namespace Lima.Drivers.Processes;

/// <summary>Says what becomes of a child's descriptors 0, 1 and 2.</summary>
/// <param name="actions">The file actions to add to.</param>
internal unsafe delegate void StandardStreams(byte* actions);

/// <summary>Starts children that inherit nothing of ours: a session of their own, default signals, no descriptor but the standard three.</summary>
internal static unsafe class Spawner
{
    private const int FirstFreeDescriptor = 3;

    /// <summary>Starts the program in <c>/</c>.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="spec">Its arguments and environment.</param>
    /// <param name="streams">Its standard streams.</param>
    /// <param name="confinement">Where it may go; null for everywhere that we may.</param>
    /// <param name="pid">Who it is.</param>
    /// <returns>0, or the C library's error number.</returns>
    public static int Spawn(string program, ProcessSpec spec, StandardStreams streams, LandlockRules? confinement, out int pid)
    {
        var actions = stackalloc byte[Native.OpaqueBytes];
        var attributes = stackalloc byte[Native.OpaqueBytes];
        var signals = stackalloc byte[Native.OpaqueBytes];
        _ = Native.ActionsInit(actions);
        _ = Native.AttributesInit(attributes);
        streams(actions);
        foreach (var descriptor in OpenDescriptors()) _ = Native.ActionsClose(actions, descriptor);
        _ = Native.ActionsChangeDirectory(actions, "/");
        _ = Native.AttributesSetFlags(attributes, Native.SpawnSetSession | Native.SpawnSetSignalDefaults | Native.SpawnSetSignalMask);
        _ = Native.SignalsAll(signals);
        _ = Native.AttributesSetDefaults(attributes, signals);
        _ = Native.SignalsNone(signals);
        _ = Native.AttributesSetMask(attributes, signals);
        using var arguments = new StringBlock([program, .. spec.Arguments]);
        using var environment = new StringBlock(Environment(spec));
        try
        {
            return confinement is null
                ? Native.Spawn(out pid, program, actions, attributes, arguments.Pointer, environment.Pointer)
                : ConfinedSpawn.Run(program, actions, attributes, arguments.Pointer, environment.Pointer, confinement, out pid);
        }
        finally
        {
            _ = Native.ActionsDestroy(actions);
            _ = Native.AttributesDestroy(attributes);
        }
    }

    /// <summary>What is open here besides the standard three. .NET marks its own close-on-exec; these are what we ourselves inherited.</summary>
    private static int[] OpenDescriptors() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Select(path => int.TryParse(Path.GetFileName(path), out var number) ? number : -1)
            .Where(number => number >= FirstFreeDescriptor)
            .ToArray();

    private static IEnumerable<string> Environment(ProcessSpec spec)
    {
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            if (spec.Environment?.ContainsKey((string)entry.Key) != true) yield return $"{entry.Key}={entry.Value}";
        foreach (var (name, value) in spec.Environment ?? []) yield return $"{name}={value}";
    }
}
