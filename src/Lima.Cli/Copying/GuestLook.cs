using Lima.Cli.Shell;

namespace Lima.Cli.Copying;

/// <summary>What a guest was found to have before a copy.</summary>
/// <param name="HasRsync">rsync is installed.</param>
/// <param name="Directories">Those of the paths that are directories.</param>
internal sealed record GuestLook(bool HasRsync, IReadOnlySet<string> Directories)
{
    private const int AnswerMax = 64 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Looks, with one command; null when the guest did not answer as it should.</summary>
    public static async Task<GuestLook?> TakeAsync(CliWorld world, string directory, string alias, IReadOnlyList<string> paths, CancellationToken cancel)
    {
        var answer = await Child.CollectAsync(SshProgram.Command(world, directory, alias, Script(paths)), AnswerMax, Limit, cancel);
        return answer.Exit == 0 ? Read(answer.Out, paths) : null;
    }

    /// <summary>What the guest is asked.</summary>
    public static string Script(IReadOnlyList<string> paths) =>
        "command -v rsync >/dev/null 2>&1 && echo rsync; "
        + string.Concat(paths.Select((path, n) => $"[ -d {ForShell(path)} ] && echo {n}; "))
        + ":";

    /// <summary>What it answered. Words that were not asked for mean nothing.</summary>
    public static GuestLook Read(string answer, IReadOnlyList<string> paths)
    {
        var lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet();
        return new GuestLook(lines.Contains("rsync"), paths.Where((_, n) => lines.Contains(n.ToString(System.Globalization.CultureInfo.InvariantCulture))).ToHashSet());
    }

    // A test would take a word such as `-x` or `!` for an operator, and `~user` is the shell's to expand.
    private static string ForShell(string path)
    {
        var slash = path.IndexOf('/') is var at and >= 0 ? at : path.Length;
        return path.Length == 0 ? "."
            : path[0] == '/' ? ShellQuote.Word(path)
            : path[0] == '~' && path.AsSpan(1, slash - 1).IndexOfAnyExcept(UserName) < 0 ? path[..slash] + (slash < path.Length ? ShellQuote.Word(path[slash..]) : "")
            : ShellQuote.Word("./" + path);
    }

    private static readonly System.Buffers.SearchValues<char> UserName =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");
}
