using Lima.Cli.Output;

namespace Lima.Cli.Shell;

/// <summary>The process that holds the connection which all shells of an instance share.</summary>
internal static class ControlMaster
{
    private const int AnswerMax = 4096;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Ends it, so that the next shell connects anew. Whether it lives is found out by connecting: a socket whose process
    /// was killed still exists, and is only removed.
    /// </summary>
    /// <exception cref="CliException">It lives and does not end.</exception>
    public static async Task EndAsync(CliContext context, string name, SshConfigFile config, CancellationToken cancel)
    {
        if (config.ControlPath is not { } socket) return;
        if (!Reachability.Listens(socket))
        {
            if (Remove(socket)) context.Log.Warn($"Removed stale ssh control socket for the instance `{name}` after the master had already exited");
            return;
        }

        context.Log.Info($"Exiting ssh session for the instance `{name}`");
        var words = SshProgram.Words(context.World);
        var file = Path.Combine(context.Paths.Instance(name), "ssh.config");
        var ended = await Child.CollectAsync(new ExecRequest(words[0], [.. words, "-F", file, "-O", "exit", config.Alias]), AnswerMax, Limit, cancel);
        if (ended.Exit != 0 && Reachability.Listens(socket))
            throw new CliException($"cannot end the ssh session of instance `{name}`: {Printable.Line(ended.Error.Trim())}");
        if (ended.Exit != 0) Remove(socket);
    }

    private static bool Remove(string socket)
    {
        try
        {
            if (!File.Exists(socket)) return false;
            File.Delete(socket);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot remove the stale socket `{socket}`: {e.Message}");
        }
    }
}
