namespace Lima.GuestAgent.Listeners;

/// <summary>Netlink, and <c>/proc/net</c> from the first time on that the kernel has no answer for that.</summary>
internal sealed class ListenerSources : IDisposable
{
    private IListenerSource _source = new SockDiag();

    /// <summary>All that listens now.</summary>
    public ListeningSet Look()
    {
        if (_source.Look() is { } found) return found;
        _source.Dispose();
        _source = new ProcNet();
        return _source.Look() ?? ListeningSet.Empty;
    }

    public void Dispose() => _source.Dispose();
}
