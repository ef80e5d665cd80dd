using System.Globalization;
using System.Reflection;
using Lima.Domain.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Agent;

/// <summary>What the host may know of this machine, and its clock.</summary>
/// <param name="proc">Where the kernel says it.</param>
/// <param name="canSetTime">Whether the clock may be set; not where this is no guest.</param>
internal sealed unsafe class MachineState(string proc = "/proc", bool canSetTime = true)
{
    private const int RealTime = 0;
    private const long Second = 1_000_000_000;

    /// <summary>Changes with each boot; 0 when the kernel does not say it.</summary>
    public UInt128 BootId { get; } = Guid.TryParse(Text(Path.Combine(proc, "sys/kernel/random/boot_id")), out var id)
        ? System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(id.ToByteArray(bigEndian: true)) : default;

    /// <summary>Version of this program.</summary>
    public string Version { get; } = typeof(MachineState).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Load, memory and uptime; 0 for what the kernel does not say.</summary>
    public AgentStatus Status() => Parse(Text(Path.Combine(proc, "loadavg")), Text(Path.Combine(proc, "meminfo")), Text(Path.Combine(proc, "uptime")));

    /// <summary>The same from the texts.</summary>
    public static AgentStatus Parse(string load, string memory, string uptime) => new(
        (uint)(Number(load) * 100), Kilobytes(memory, "MemTotal:") * 1024, Kilobytes(memory, "MemAvailable:") * 1024, (ulong)(Number(uptime) * 1000));

    /// <summary>Steps the clock to the host's time when it is off by more than <see cref="AgentProtocol.ClockTolerance"/>.</summary>
    /// <param name="time">Nanoseconds since 1970.</param>
    public AgentTimed SetTime(ulong time)
    {
        ClockTime clock;
        if (Libc.GetClock(RealTime, &clock) < 0) return default;
        var offset = unchecked(clock.Seconds * Second + clock.Nanoseconds - (long)time);
        // The smallest number has no opposite, and no clock is that wrong.
        if (!canSetTime || time > long.MaxValue || (offset != long.MinValue && Math.Abs(offset) <= AgentProtocol.ClockTolerance)) return new AgentTimed(offset, false);
        clock.Seconds = (long)(time / Second);
        clock.Nanoseconds = (long)(time % Second);
        var isSet = Libc.SetClock(RealTime, &clock) == 0;
        if (isSet) Log.Say($"the clock was off by {offset / (double)Second:0.000} s and has been set");
        return new AgentTimed(offset, isSet);
    }

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    // The first number of a text.
    private static double Number(string text) =>
        double.TryParse(text.Split(' ')[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? Math.Max(number, 0) : 0;

    private static ulong Kilobytes(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(name)) continue;
            var value = line[name.Length..].Trim();
            var end = value.IndexOf(' ');
            return ulong.TryParse(end < 0 ? value : value[..end], out var number) ? number : 0;
        }

        return 0;
    }
}
