using Lima.Cli.Shell;

namespace Lima.Cli.Copying;

/// <summary>Command lines of <c>rsync</c>.</summary>
internal static class Rsync
{
    /// <summary>Copies between this machine and a guest.</summary>
    /// <param name="program">Path of rsync.</param>
    /// <param name="ssh">Command that reaches the guests.</param>
    /// <param name="plan">What goes where.</param>
    /// <param name="alias">Host alias of an instance.</param>
    /// <param name="options">How.</param>
    public static ExecRequest Command(string program, IReadOnlyList<string> ssh, CopyPlan plan, Func<string, string> alias, CopyOptions options)
    {
        CopyOperand[] operands = [.. plan.Sources, plan.Target];
        List<string> arguments = [program, "-a", .. options.Verbose ? ["-v", "--progress"] : new[] { "-q" }, options.Recursive ? "-r" : "--no-r"];
        // Else older versions have the guest's shell split names at their blanks; but a user's home is that shell's to find.
        if (!operands.Any(operand => operand.Instance is not null && operand.Path.StartsWith('~'))) arguments.Add("-s");
        arguments.AddRange(["-e", RemoteShell(ssh), "--"]);
        arguments.AddRange(operands.Select(operand => operand.Instance is { } name ? $"{alias(name)}:{Plain(operand.Path)}" : Local(operand.Path)));
        return new ExecRequest(program, arguments);
    }

    /// <summary>A command as rsync splits it: at blanks, with quotes, and a doubled quote inside quotes for itself.</summary>
    public static string RemoteShell(IReadOnlyList<string> words) =>
        string.Join(' ', words.Select(word => word.AsSpan().IndexOfAny(" '\"") < 0 ? word : $"'{word.Replace("'", "''")}'"));

    private static string Plain(string path) => path.StartsWith('-') ? "./" + path : path;

    // rsync takes what is before a colon for a host.
    private static string Local(string path) => path.StartsWith('/') || !path.Contains(':') ? path : "./" + path;
}
