using Lima.Contracts;

namespace Lima.Cli.Output;

/// <summary>What users are told of a stored event while they wait for a command.</summary>
internal static class EventNews
{
    /// <summary>That something is well again is news; the rest is for those who look closely.</summary>
    public static void Tell(Log log, EventView happened)
    {
        var line = $"[{Printable.Line(happened.Instance)}] {Printable.Line(happened.Text)}";
        if (happened.Type == "vm.healed.v1") log.Info(line);
        else log.Debug(line);
    }
}
