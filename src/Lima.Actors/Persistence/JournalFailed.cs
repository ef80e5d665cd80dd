namespace Lima.Actors.Persistence;

/// <summary>Published on the event stream when the journal failed to store or to give back events.</summary>
public sealed record JournalFailed(Exception Cause);
