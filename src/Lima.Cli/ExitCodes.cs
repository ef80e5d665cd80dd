namespace Lima.Cli;

/// <summary>What the process says to its parent. A program run by <c>shell</c> gives its own status instead.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>It did not work; the reason is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The user pressed Ctrl-C.</summary>
    public const int Interrupted = 130;
}
