namespace Lima.Cli.Shell;

/// <summary>OpenSSH's client as the user wants it called.</summary>
internal static class SshProgram
{
    /// <summary>Path of the program and its first arguments: <c>$SSH</c>, or <c>ssh</c> in <c>PATH</c>.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static List<string> Words(CliWorld world)
    {
        var words = world.Env("SSH") is { Length: > 0 } configured ? ShellQuote.Split(configured).ToList() : [];
        if (words.Count == 0) words.Add("ssh");
        words[0] = ExecRequest.Find(words[0], world.Env("PATH"))
            ?? throw new CliException($"OpenSSH's client `{words[0]}` is not in PATH", "install it (Debian, Ubuntu: `apt install openssh-client`)");
        return words;
    }

    /// <summary>A command line that runs <paramref name="script"/> in the guest, without a terminal.</summary>
    public static ExecRequest Command(CliWorld world, string directory, string alias, string script)
    {
        var words = Words(world);
        return new ExecRequest(words[0], [.. words, "-F", Path.Combine(directory, "ssh.config"), "-o", "LogLevel=ERROR", alias, "--", "sh -c " + ShellQuote.Word(script)]);
    }
}
