using Lima.Cli.Shell;

namespace Lima.Cli.Copying;

/// <summary>Command lines of <c>scp</c>.</summary>
internal static class Scp
{
    /// <summary>Copies between this machine and guests, and between guests through this machine.</summary>
    /// <param name="program">Path of scp.</param>
    /// <param name="sshConfig">File that knows all the hosts.</param>
    /// <param name="operands">Sources, then the target.</param>
    /// <param name="alias">Host alias of an instance.</param>
    /// <param name="options">How.</param>
    public static ExecRequest Command(string program, string sshConfig, IReadOnlyList<CopyOperand> operands, Func<string, string> alias, CopyOptions options) => new(
        program,
        [
            program, "-F", sshConfig, options.Verbose ? "-v" : "-q", .. options.Recursive ? ["-r"] : Array.Empty<string>(), "-3", "--",
            .. operands.Select(operand => operand.Instance is { } name ? $"{alias(name)}:{operand.Path}" : operand.Path),
        ]);
}
