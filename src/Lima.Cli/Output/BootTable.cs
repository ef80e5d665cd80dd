using System.Globalization;
using System.Text.Json;
using Lima.Contracts;
using Lima.Domain.Vms;

namespace Lima.Cli.Output;

/// <summary>The table of <c>limactl history NAME --boot</c>: each part of a boot, when it began and how long it took.</summary>
internal static class BootTable
{
    /// <summary>The stored event that has them.</summary>
    public const string EventType = "vm.boot-timed.v1";

    // What the host did before the guest's clock ran; events of the start, in their order.
    private static readonly (string Before, string After, string What)[] Host =
    [
        ("vm.start-requested.v1", "vm.boot-prepared.v1", "host: image, disk and seed"), ("vm.boot-prepared.v1", "vm.qemu-launched.v1", "host: launching QEMU"),
    ];

    /// <summary>Lays one boot out.</summary>
    /// <param name="boot">The event.</param>
    /// <param name="events">All events of the instance.</param>
    /// <param name="longestFirst">By length instead of in the order of their beginning.</param>
    public static string Format(EventView boot, IReadOnlyList<EventView> events, bool longestFirst)
    {
        var rows = HostRows(boot, events).Concat(GuestRows(boot)).ToList();
        if (longestFirst) rows = [.. rows.OrderByDescending(row => row.Seconds)];
        List<IReadOnlyList<string>> table = [["START", "SECONDS", "WHAT"], .. rows.Select(Cells)];
        return Table.Format(table) + "\n" + Printable.Line(boot.Text) + "\n";
    }

    private static IReadOnlyList<string> Cells((double? Start, double Seconds, string What) row) =>
        [row.Start is { } start ? Number(start) : "-", Number(row.Seconds), row.What];

    private static IEnumerable<(double? Start, double Seconds, string What)> HostRows(EventView boot, IReadOnlyList<EventView> events)
    {
        var earlier = events.TakeWhile(e => e.Sequence != boot.Sequence).ToList();
        foreach (var (before, after, what) in Host)
        {
            var end = earlier.FindLast(e => e.Type == after);
            var begin = end is null ? null : earlier.TakeWhile(e => e.Sequence != end.Sequence).LastOrDefault(e => e.Type == before);
            if (begin is not null) yield return (null, (end!.Time - begin.Time).TotalSeconds, what);
        }
    }

    private static IEnumerable<(double? Start, double Seconds, string What)> GuestRows(EventView boot)
    {
        if (boot.Data is not { ValueKind: JsonValueKind.Object } data || !data.TryGetProperty("phases", out var phases)) yield break;
        foreach (var phase in phases.EnumerateArray())
        {
            var name = Printable.Line(BootScriptCauses.Title(phase.GetProperty("name").GetString() ?? ""));
            var exit = phase.TryGetProperty("exit", out var status) ? status.GetInt32() : 0;
            yield return (phase.GetProperty("start").GetDouble(), phase.GetProperty("seconds").GetDouble(), exit == 0 ? name : $"{name} (failed, exit status {exit})");
        }
    }

    private static string Number(double seconds) => seconds.ToString("0.00", CultureInfo.InvariantCulture);
}
