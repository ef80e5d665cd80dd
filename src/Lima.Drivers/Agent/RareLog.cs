namespace Lima.Drivers.Agent;

/// <summary>Says the same thing at most once a minute; of many different things only so many.</summary>
internal sealed class RareLog(Action<string> log, TimeProvider time)
{
    private const int KnownMax = 32;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _said = new(StringComparer.Ordinal);

    public void Say(string line)
    {
        lock (_said)
        {
            foreach (var (old, at) in _said.ToList())
                if (time.GetElapsedTime(at) >= Pause) _said.Remove(old);
            if (_said.Count >= KnownMax || !_said.TryAdd(line, time.GetTimestamp())) return;
        }

        log(line);
    }
}
