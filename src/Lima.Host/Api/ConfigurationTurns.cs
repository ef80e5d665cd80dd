using System.Collections.Concurrent;
using Lima.Actors.Vms;

namespace Lima.Host.Api;

/// <summary>
/// Changes of an instance's <c>lima.yaml</c>, one after the other: from the reading of the text until what follows from it is
/// stored or written. Two at once would each write what the other has not seen.
/// </summary>
/// <param name="isKnown">Whether there is an instance of that name.</param>
internal sealed class ConfigurationTurns(Func<string, bool> isKnown)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>For the instances of that model, as they are at the time.</summary>
    public static ConfigurationTurns Of(VmReadModel model) => new(name => model.Views.ContainsKey(name));

    /// <summary>Does the work when it is its turn; says that the host is busy when that takes too long.</summary>
    public async Task<IResult> TakeAsync(string name, Func<Task<IResult>> work)
    {
        // Names that nothing has are answered, and not kept.
        if (!isKnown(name)) return await work();
        var turn = _turns.GetOrAdd(name, _ => new SemaphoreSlim(1));
        if (!await turn.WaitAsync(Limit))
            return Replies.Error("busy", $"another change of the configuration of instance `{name}` has not ended yet", "try again: repeating a command is harmless");
        try
        {
            return await work();
        }
        finally
        {
            turn.Release();
        }
    }
}
