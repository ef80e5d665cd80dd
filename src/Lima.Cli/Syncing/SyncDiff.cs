using System.Diagnostics;
using System.Runtime.CompilerServices;
using Lima.Cli.Output;
using Lima.Cli.Shell;

namespace Lima.Cli.Syncing;

/// <summary>What was changed, in full, as lines for a terminal. Names and contents are the guest's: nothing of them is obeyed.</summary>
internal static class SyncDiff
{
    private const int LineMax = 4000;

    /// <summary>The list of changes, then the differences of the contents.</summary>
    /// <param name="program">Path of <c>diff</c>; null when there is none.</param>
    /// <param name="list">What rsync would do.</param>
    /// <param name="before">The directory.</param>
    /// <param name="after">What the guest made of it.</param>
    /// <param name="cancel">Ends it.</param>
    public static async IAsyncEnumerable<string> LinesAsync(
        string? program, string list, string before, string after, [EnumeratorCancellation] CancellationToken cancel)
    {
        yield return Grey("--- rsync dry-run statistics ---");
        yield return SyncChanges.Parse(list).ToString();
        yield return "";
        foreach (var line in list.Split('\n', StringSplitOptions.RemoveEmptyEntries)) yield return Printable.Line(line, LineMax);
        yield return "";
        yield return Grey(program is null ? "--- detailed diff unavailable (`diff` not found) ---" : "--- detailed diff ---");
        if (program is null) yield break;
        using var diff = Process.Start(new ProcessStartInfo(program, ["-ruN", "--no-dereference", before, after]) { RedirectStandardOutput = true })!;
        try
        {
            while (await diff.StandardOutput.ReadLineAsync(cancel) is { } line) yield return Coloured(Printable.Line(line, LineMax));
        }
        finally
        {
            // Whoever reads may have had enough.
            if (!diff.HasExited) diff.Kill();
        }
    }

    private static string Coloured(string line) => line switch
    {
        ['+', '+', '+', ' ', ..] or ['-', '-', '-', ' ', ..] => $"\e[1m{line}\e[0m",
        ['@', '@', ..] => $"\e[36m{line}\e[0m",
        ['+', ..] => $"\e[32m{line}\e[0m",
        ['-', ..] => $"\e[31m{line}\e[0m",
        _ => line,
    };

    private static string Grey(string text) => $"\e[90m{text}\e[0m";
}
