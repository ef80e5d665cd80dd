namespace Lima.GuestAgent.Agent;

/// <summary>Something that is to be done at a time, unless it is called off before.</summary>
internal sealed class Deadline(Action work)
{
    private Action? _work = work;

    /// <summary>Whether it was called off or is done.</summary>
    public bool IsOff => _work is null;

    /// <summary>Calls it off.</summary>
    public void CallOff() => _work = null;

    /// <summary>Does it, once.</summary>
    public void Run()
    {
        var work = _work;
        _work = null;
        work?.Invoke();
    }
}
