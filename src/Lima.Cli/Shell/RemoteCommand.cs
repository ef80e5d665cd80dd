using System.Text;

namespace Lima.Cli.Shell;

/// <summary>Where a command starts in the guest.</summary>
internal abstract record StartDirectory
{
    private StartDirectory()
    {
    }

    /// <summary>Wherever the login puts it.</summary>
    public sealed record Unchanged : StartDirectory;

    /// <summary>There or not at all.</summary>
    public sealed record Must(string Path) : StartDirectory;

    /// <summary>The first of the paths that exists, else unchanged.</summary>
    public sealed record Try(IReadOnlyList<string> Paths) : StartDirectory;
}

/// <summary>Builds the one text that the guest's login shell is given by SSH.</summary>
internal static class RemoteCommand
{
    /// <summary>
    /// Change directory, then become a login shell: interactive when <paramref name="command"/> is empty, else running its
    /// words exactly as given. Leading <c>NAME=value</c> words stay assignments.
    /// </summary>
    /// <param name="directory">Where to start.</param>
    /// <param name="shell">Shell as shell text: a quoted path, or <c>"$SHELL"</c>.</param>
    /// <param name="environment">Variables to set before the shell starts.</param>
    /// <param name="command">Words of the command.</param>
    public static string Build(
        StartDirectory directory,
        string shell,
        IReadOnlyList<KeyValuePair<string, string>> environment,
        IReadOnlyList<string> command)
    {
        var text = new StringBuilder(Change(directory)).Append("exec ");
        if (environment.Count > 0)
            text.Append("env ").AppendJoin(' ', environment.Select(pair => $"{pair.Key}={ShellQuote.Word(pair.Value)}")).Append(' ');
        text.Append(shell).Append(" -l");
        if (command.Count > 0) text.Append(" -c ").Append(ShellQuote.Word(Words(command)));
        return text.ToString();
    }

    private static string Change(StartDirectory directory) => directory switch
    {
        StartDirectory.Must must => $"cd {ShellQuote.Word(must.Path)} || exit 1 ; ",
        // Nobody asked for these: that the guest does not have one is no news.
        StartDirectory.Try attempt => string.Join(" || ", attempt.Paths.Select(path => $"cd {ShellQuote.Word(path)} 2>/dev/null")) + " ; ",
        _ => "",
    };

    private static string Words(IReadOnlyList<string> command)
    {
        var assignments = command.TakeWhile(ShellQuote.IsAssignment).ToList();
        return string.Join(' ', assignments.Select(ShellQuote.Assignment).Concat(command.Skip(assignments.Count).Select(ShellQuote.Word)));
    }
}
