using Lima.Domain.Agent;

namespace Lima.Drivers.Agent;

/// <summary>
/// How much the guests may send before clients have read it, all together. While that is little each stream has a large window; then
/// new ones have a small one.
/// </summary>
/// <param name="max">Bytes up to which windows are large.</param>
public sealed class AgentMemory(long max)
{
    /// <summary>What it is unless said otherwise.</summary>
    public const long DefaultMax = 64 << 20;

    internal const uint SmallWindow = 32 * 1024;

    private long _granted;

    /// <summary>Bytes that are granted now.</summary>
    public long Granted => Interlocked.Read(ref _granted);

    /// <summary>A window for a new stream.</summary>
    internal uint Take()
    {
        var window = Granted + AgentProtocol.WindowMax <= max ? AgentProtocol.WindowMax : SmallWindow;
        Interlocked.Add(ref _granted, window);
        return window;
    }

    /// <summary>Gives one back.</summary>
    internal void Return(uint window) => Interlocked.Add(ref _granted, -window);
}
