namespace Lima.Actors.Tests.Recovery;

/// <summary>A point at which the VM's actor fails, the first time that it gets there.</summary>
internal sealed class CutShort
{
    private int _hits;

    public CutShort(string point) => Points = new FailPoints([point], () =>
    {
        if (Interlocked.Increment(ref _hits) == 1) throw new InvalidOperationException($"cut short at {point}");
    });

    public FailPoints Points { get; }

    public bool WasReached => Volatile.Read(ref _hits) > 0;
}
