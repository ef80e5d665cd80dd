namespace Lima.EndToEnd.Tests.Support;

/// <summary>How a command ended.</summary>
/// <param name="Command">Its words, for messages.</param>
/// <param name="ExitCode">Exit status; null when it did not end in time and was killed.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Took">Wall time.</param>
internal sealed record Ran(string Command, int? ExitCode, string Out, string Error, TimeSpan Took)
{
    /// <summary>Fails the test unless the command succeeded; returns its output.</summary>
    public string Ok()
    {
        Assert.True(ExitCode == 0, $"expected success of {this}");
        return Out;
    }

    /// <summary>
    /// Fails the test unless the command failed as a user may expect: status <paramref name="exitCode"/>, each of
    /// <paramref name="says"/> in its message, and no stack trace.
    /// </summary>
    public Ran Fails(int exitCode, params string[] says)
    {
        Assert.True(ExitCode == exitCode, $"expected exit status {exitCode} of {this}");
        foreach (var text in says) Assert.True(Error.Contains(text, StringComparison.OrdinalIgnoreCase), $"expected `{text}` in the message of {this}");
        Assert.DoesNotContain("   at ", Error);
        Assert.DoesNotContain("Exception", Error);
        return this;
    }

    public override string ToString() =>
        $"`{Command}` (exit {ExitCode?.ToString() ?? "none in time"} after {Took.TotalSeconds:0.0} s)\n--- stdout\n{Out}\n--- stderr\n{Error}";
}
