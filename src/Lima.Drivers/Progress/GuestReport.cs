using System.Globalization;

namespace Lima.Drivers.Progress;

/// <summary>One line that the guest wrote on its progress port. Untrusted: bounded and free of control characters here.</summary>
/// <param name="Uptime">Seconds since the guest's kernel started.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
public sealed record GuestReport(double Uptime, GuestReportKind Kind, string Text)
{
    /// <summary>Longest line that is taken, in characters; longer ones are cut.</summary>
    public const int LineMax = 1000;

    /// <summary>Reads <c>LIMA1 UPTIME KIND TEXT</c>; null for anything else.</summary>
    public static GuestReport? Parse(string line)
    {
        if (line.Length > LineMax) line = line[..LineMax];
        var parts = line.Split(' ', 4);
        if (parts.Length < 3 || parts[0] != "LIMA1") return null;
        if (!double.TryParse(parts[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var uptime)) return null;
        if (!double.IsFinite(uptime) || uptime < 0) return null;
        GuestReportKind? kind = parts[2].TrimEnd('\r') switch
        {
            "phase" => GuestReportKind.Phase,
            "line" => GuestReportKind.Line,
            "ssh" => GuestReportKind.Ssh,
            "warn" => GuestReportKind.Warn,
            "end" => GuestReportKind.End,
            "met" => GuestReportKind.Met,
            "ready" => GuestReportKind.Ready,
            _ => null,
        };
        return kind is null ? null : new GuestReport(uptime, kind.Value, parts.Length > 3 ? Printable(parts[3]) : "");
    }

    private static string Printable(string text) =>
        string.Create(text.TrimEnd('\r', '\n').Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = IsHarmless(source, i) ? source[i] : ' ';
        });

    /// <summary>Neither moves a terminal's cursor nor turns the order of what follows, and is no half of a character.</summary>
    private static bool IsHarmless(string text, int at) => char.GetUnicodeCategory(text[at]) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Surrogate => char.IsHighSurrogate(text[at])
            ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
            : at > 0 && char.IsHighSurrogate(text[at - 1]),
        _ => true,
    };
}

/// <summary>Kinds of <see cref="GuestReport"/>.</summary>
public enum GuestReportKind
{
    /// <summary>A phase of the boot begins.</summary>
    Phase,
    /// <summary>Something a script printed.</summary>
    Line,
    /// <summary>The SSH server listens.</summary>
    Ssh,
    /// <summary>A script failed.</summary>
    Warn,
    /// <summary>A phase is over.</summary>
    End,
    /// <summary>A requirement of readiness holds.</summary>
    Met,
    /// <summary>The boot scripts are done; the text is the instance id of the seed.</summary>
    Ready,
}
