using System.Collections.Immutable;
using System.Diagnostics;

namespace Lima.Actors;

/// <summary>
/// Named points between what is stored and what is done. In use they do nothing; a test's configuration makes one of them
/// end the process as <c>kill -9</c> would, so that recovery from exactly there can be shown.
/// </summary>
public sealed class FailPoints(ImmutableHashSet<string> armed, Action kill)
{
    /// <summary>No point is armed.</summary>
    public static readonly FailPoints None = new([], () => { });

    /// <summary>Ends this process at once at the points named.</summary>
    public static FailPoints KillingThisProcess(ImmutableHashSet<string> armed) => new(armed, Process.GetCurrentProcess().Kill);

    /// <summary>Reaches the point between the store of an event and its effects.</summary>
    public void Stored(object e) => Reach("stored:", e);

    /// <summary>Reaches the point before an effect is run.</summary>
    public void Before(object effect) => Reach("before:", effect);

    /// <summary>Reaches the point after a report came in and before anything of it is stored.</summary>
    public void Received(object report) => Reach("received:", report);

    private void Reach(string where, object what)
    {
        if (armed.IsEmpty) return;
        if (armed.Contains(where + what.GetType().Name)) kill();
    }
}
