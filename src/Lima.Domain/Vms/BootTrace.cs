using System.Collections.Immutable;

namespace Lima.Domain.Vms;

/// <summary>Something that a guest reports of its boot.</summary>
public enum BootNews
{
    /// <summary>A phase begins.</summary>
    Phase,
    /// <summary>A line of a script's output.</summary>
    Line,
    /// <summary>A script failed: <c>NAME exit STATUS</c>.</summary>
    Warn,
    /// <summary>A phase is over.</summary>
    End,
    /// <summary>A requirement holds.</summary>
    Met,
    /// <summary>The boot scripts are done.</summary>
    Ready,
}

/// <summary>A part of a boot and how long it took.</summary>
/// <param name="Name">What it was, in the guest's words (<c>network</c>, <c>script 05-environment</c>, <c>provision system 00000001</c>).</param>
/// <param name="Start">When it began, in seconds since the guest's kernel started; below 0 for what came before.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Exit">Status that it failed with; 0 when it did not.</param>
public sealed record BootPhase(string Name, double Start, double Seconds, int Exit = 0);

/// <summary>A script that failed.</summary>
/// <param name="Name">Which, in the guest's words.</param>
/// <param name="Exit">Its exit status.</param>
/// <param name="LastLines">The last of what it printed.</param>
public sealed record FailedScript(string Name, int Exit, ImmutableArray<string> LastLines);

/// <summary>
/// One boot as the guest has reported it so far: a fold over its news. A guest that reboots begins anew. Bounded, whatever the
/// guest says.
/// </summary>
public sealed record BootTrace
{
    /// <summary>Most phases that are kept; what comes after them is left out.</summary>
    public const int PhasesMax = 100;

    /// <summary>Most failed scripts that are kept.</summary>
    public const int FailuresMax = 20;

    /// <summary>Lines kept of a script that fails.</summary>
    public const int LinesMax = 5;

    private const int NameMax = 100, LineMax = 200;

    /// <summary>Before the first news.</summary>
    public static readonly BootTrace Empty = new();

    private ImmutableList<BootPhase> Begun { get; init; } = [];
    private ImmutableHashSet<int> Open { get; init; } = [];
    private ImmutableList<string> Tail { get; init; } = [];
    private double Now { get; init; }

    /// <summary>Scripts that failed, in order.</summary>
    public ImmutableList<FailedScript> Failures { get; init; } = [];

    /// <summary>Requirements that the guest says hold.</summary>
    public ImmutableHashSet<string> Met { get; init; } = [];

    /// <summary>Whether the boot scripts are done.</summary>
    public bool IsReady { get; init; }

    /// <summary>Seconds from the start of the guest's kernel to the newest news.</summary>
    public double Seconds => Now;

    /// <summary>The trace with one more piece of news.</summary>
    /// <param name="uptime">Seconds since the guest's kernel started.</param>
    /// <param name="news">What it is about.</param>
    /// <param name="text">What it says; untrusted.</param>
    public BootTrace Add(double uptime, BootNews news, string text)
    {
        // The clock of a kernel only goes back when there is another kernel.
        var trace = (uptime < Now - 1 ? Empty : this) with { Now = uptime };
        text = Cut(text, NameMax + LineMax);
        return news switch
        {
            BootNews.Phase => trace.Begin(Cut(text, NameMax), uptime),
            BootNews.Line => trace with { Tail = (Tail.Count < LinesMax ? trace.Tail : trace.Tail.RemoveAt(0)).Add(Cut(text, LineMax)) },
            BootNews.Warn => trace.Fail(text),
            BootNews.End => trace.Close(name => name == Cut(text, NameMax), uptime),
            BootNews.Met => trace.Met.Count < PhasesMax ? trace with { Met = trace.Met.Add(Cut(text, NameMax)) } : trace,
            _ => trace.Close(_ => true, uptime) with { IsReady = true },
        };
    }

    /// <summary>All phases in the order of their beginning; the kernel's own time comes first.</summary>
    /// <param name="before">Seconds from the launch of the machine to the start of its kernel (its firmware); null when nobody saw that.</param>
    public ImmutableArray<BootPhase> Phases(double? before)
    {
        var all = ImmutableArray.CreateBuilder<BootPhase>();
        if (before is { } firmware and > 0) all.Add(new BootPhase("firmware", -Round(firmware), Round(firmware)));
        if (Begun.Count > 0 && Begun[0].Start > 0) all.Add(new BootPhase("kernel", 0, Begun[0].Start));
        all.AddRange(Begun);
        return all.ToImmutable();
    }

    /// <summary>A phase that is not ended by its own word is over when the next one of its kind begins; scripts say so themselves.</summary>
    private BootTrace Begin(string name, double uptime)
    {
        var closed = IsScript(name) ? this : Close(other => !IsScript(other), uptime);
        if (closed.Begun.Count >= PhasesMax) return closed with { Tail = [] };
        return closed with
        {
            Begun = closed.Begun.Add(new BootPhase(name, Round(uptime), 0)), Open = closed.Open.Add(closed.Begun.Count), Tail = [],
        };
    }

    private BootTrace Close(Func<string, bool> which, double uptime)
    {
        var (begun, open) = (Begun, Open);
        foreach (var at in Open.Where(at => which(Begun[at].Name)))
        {
            begun = begun.SetItem(at, begun[at] with { Seconds = Round(Math.Max(0, uptime - begun[at].Start)) });
            open = open.Remove(at);
        }

        return this with { Begun = begun, Open = open };
    }

    private BootTrace Fail(string text)
    {
        var cut = text.LastIndexOf(" exit ", StringComparison.Ordinal);
        var exit = cut >= 0 && int.TryParse(text.AsSpan(cut + 6), out var status) ? status : 1;
        var name = Cut(cut < 0 ? text : text[..cut], NameMax);
        var begun = Begun;
        foreach (var at in Open.Where(at => begun[at].Name == name)) begun = begun.SetItem(at, begun[at] with { Exit = exit });
        return this with
        {
            Begun = begun, Failures = Failures.Count < FailuresMax ? Failures.Add(new FailedScript(name, exit, [.. Tail])) : Failures,
        };
    }

    private static bool IsScript(string name) =>
        name.StartsWith("script ", StringComparison.Ordinal) || name.StartsWith("provision ", StringComparison.Ordinal);

    private static double Round(double seconds) => Math.Round(seconds, 2);

    private static string Cut(string text, int max) =>
        text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
}
