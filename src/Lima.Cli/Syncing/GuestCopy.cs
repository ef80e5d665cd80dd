using Lima.Cli.Output;
using Lima.Cli.Shell;

namespace Lima.Cli.Syncing;

/// <summary>The place of a synced directory in a guest.</summary>
/// <param name="Path">Absolute path there.</param>
/// <param name="WasThere">An earlier shell has left something in it.</param>
internal sealed record GuestPlace(string Path, bool WasThere);

/// <summary>Makes and removes the place of a synced directory in a guest.</summary>
internal sealed class GuestCopy(CliWorld world, string directory, string alias, string guest)
{
    private const int AnswerMax = 64 * 1024;
    private const int NoRsync = 97;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private string There => "\"$HOME\"/" + ShellQuote.Word(guest);

    /// <summary>Makes the place, and says where it is.</summary>
    /// <exception cref="CliException">It cannot be made, or the guest has no rsync.</exception>
    public async Task<GuestPlace> PrepareAsync(CancellationToken cancel)
    {
        var answer = await AskAsync(
            $"command -v rsync >/dev/null 2>&1 || exit {NoRsync}; [ ! -d {There} ] || echo there; mkdir -p {There} && cd {There} && pwd", cancel);
        if (answer.Exit == NoRsync) throw new CliException("rsync not available on guest(s)", "install it there: `--sync` needs it on both sides");
        var lines = answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (answer.Exit != 0 || lines is not [.., ['/', ..] path])
            throw new CliException($"failed to create the synced workdir in guest instance: {Printable.Line(answer.Error.Trim())}");
        return new GuestPlace(path, lines.Contains("there"));
    }

    /// <summary>Removes the copy; the directories above it stay. False when that failed.</summary>
    public async Task<bool> RemoveAsync(CancellationToken cancel) => (await AskAsync($"rm -rf {There}", cancel)).Exit == 0;

    private Task<ChildOutput> AskAsync(string script, CancellationToken cancel) =>
        Child.CollectAsync(SshProgram.Command(world, directory, alias, script), AnswerMax, Limit, cancel);
}
