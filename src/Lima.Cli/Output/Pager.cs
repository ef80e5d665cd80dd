using Lima.Cli.Shell;

namespace Lima.Cli.Output;

/// <summary>Shows long texts page by page.</summary>
internal static class Pager
{
    private const string Usual = "less";

    /// <summary>Program and arguments: <c>$PAGER</c>, or <c>less</c>, which is told to show colours unless it has been already.</summary>
    public static IReadOnlyList<string> Words(string? pager, string? less)
    {
        var words = string.IsNullOrWhiteSpace(pager) ? [Usual] : ShellQuote.Split(pager);
        return Path.GetFileName(words[0]) != Usual || words.Skip(1).Any(ShowsColours) || ShellQuote.Split(less ?? "").Any(ShowsColours) ? words : [.. words, "-R"];
    }

    /// <summary>Shows lines as they come; the user may end it before the last one.</summary>
    public static async Task ShowAsync(CliWorld world, IAsyncEnumerable<string> lines, CancellationToken cancel)
    {
        var words = Words(world.Env("PAGER"), world.Env("LESS"));
        if (ExecRequest.Find(words[0], world.Env("PATH")) is not { } program)
        {
            await foreach (var line in lines.WithCancellation(cancel)) world.Out.Write(line + "\n");
            await world.Out.FlushAsync(cancel);
            return;
        }

        // Ctrl-C is the pager's to understand.
        using var ignored = world.OnInterrupt(() => { });
        using var process = Child.Fed(new ExecRequest(program, [program, .. words.Skip(1)]));
        try
        {
            await foreach (var line in lines.WithCancellation(cancel)) await process.StandardInput.WriteAsync(line + "\n");
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The user has seen enough.
        }

        await process.WaitForExitAsync(cancel);
    }

    private static bool ShowsColours(string flag) => flag is "--RAW-CONTROL-CHARS" or "--raw-control-chars"
        || (flag is ['-', not '-', ..] && flag.AsSpan().IndexOfAny('R', 'r') >= 0);
}
