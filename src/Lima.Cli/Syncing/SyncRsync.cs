using Lima.Cli.Copying;
using Lima.Cli.Shell;

namespace Lima.Cli.Syncing;

/// <summary>Command lines of rsync for a directory and its copy in a guest.</summary>
/// <param name="Program">Path of rsync.</param>
/// <param name="Ssh">Command that reaches the guest.</param>
/// <param name="Alias">Host alias of the guest.</param>
/// <param name="Guest">The copy, relative to the home there.</param>
internal sealed record SyncRsync(string Program, IReadOnlyList<string> Ssh, string Alias, string Guest)
{
    // What a guest says about owners means nothing here, and what it made of devices and set-user-id programs stays there.
    private static readonly string[] FromGuest = ["--no-owner", "--no-group", "--no-devices", "--no-specials", "--chmod=Fug-s"];

    /// <summary>Makes the copy equal to <paramref name="directory"/>.</summary>
    public ExecRequest Out(string directory, bool progress) => Command([Shown(progress), "--delete"], directory + "/", There);

    /// <summary>Makes <paramref name="directory"/> equal to the copy.</summary>
    public ExecRequest Back(string directory, bool progress) => Command([Shown(progress), "--delete", .. FromGuest], There, directory + "/");

    /// <summary>Lists what <see cref="Back"/> would do.</summary>
    public ExecRequest List(string directory) => Command(["--dry-run", "--itemize-changes", "--delete", .. FromGuest], There, directory + "/");

    private string There => $"{Alias}:{Guest}/";

    private static string Shown(bool progress) => progress ? "--info=progress2" : "-q";

    // `-s` keeps the guest's shell away from the names.
    private ExecRequest Command(IEnumerable<string> options, string from, string to) =>
        new(Program, [Program, "-a", "-s", .. options, "-e", Rsync.RemoteShell(Ssh), "--", from, to]);
}
