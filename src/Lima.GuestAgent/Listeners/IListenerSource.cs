namespace Lima.GuestAgent.Listeners;

/// <summary>Finds out what listens at this moment.</summary>
internal interface IListenerSource : IDisposable
{
    /// <summary>All of it; null when this kernel does not say it in this way.</summary>
    ListeningSet? Look();
}
