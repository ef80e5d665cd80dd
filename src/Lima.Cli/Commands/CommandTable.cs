using System.CommandLine;

namespace Lima.Cli.Commands;

/// <summary>Every command. Only those that a command line mentions are built, since building all takes time on every run.</summary>
internal static class CommandTable
{
    private static readonly (string[] Names, Func<CliCommand> Make)[] Entries =
    [
        (["create"], () => new CreateCommand()),
        (["start"], () => new StartCommand()),
        (["stop"], () => new StopCommand()),
        (["restart"], () => new RestartCommand()),
        (["shell"], () => new ShellCommand()),
        (["copy", "cp"], () => new CopyCommand()),
        (["list", "ls"], () => new ListCommand()),
        (["delete", "remove", "rm"], () => new DeleteCommand()),
        (["edit"], () => new EditCommand()),
        (["clone"], () => new CloneCommand()),
        (["rename"], () => new RenameCommand()),
        (["factory-reset"], () => new FactoryResetCommand()),
        (["protect"], () => new ProtectCommand()),
        (["unprotect"], () => new UnprotectCommand()),
        (["autostart"], () => new AutostartCommand()),
        (["start-at-login"], () => new StartAtLoginCommand()),
        (["show-ssh"], () => new ShowSshCommand()),
        (["disk"], () => new DiskCommand()),
        (["resize"], () => new ResizeCommand()),
        (["mount"], () => new MountCommand()),
        (["port"], () => new PortCommand()),
        (["network"], () => new NetworkCommand()),
        (["dns"], () => new DnsCommand()),
        (["prune"], () => new PruneCommand()),
        (["pause"], () => new PauseCommand()),
        (["resume"], () => new ResumeCommand()),
        (["wait"], () => new WaitCommand()),
        (["history"], () => new HistoryCommand()),
        (["events"], () => new EventsCommand()),
        (["watch"], () => new WatchCommand()),
        (["tunnel"], () => new TunnelCommand()),
        (["screenshot"], () => new ScreenshotCommand()),
        (["sudoers"], () => new SudoersCommand()),
        (["info"], () => new InfoCommand()),
        (["validate"], () => new ValidateCommand()),
        (["template", "tmpl"], () => new TemplateCommand()),
        (["host"], () => new HostCommand()),
        (["image"], () => new ImageCommand()),
        (["completion"], () => new CompletionCommand()),
        (["generate-doc"], () => new GenerateDocCommand()),
        (["generate-jsonschema"], () => new GenerateSchemaCommand()),
    ];

    private static readonly string[] Hidden = ["generate-doc", "generate-jsonschema"];

    /// <summary>Names of all commands that users are told of, without aliases.</summary>
    public static IEnumerable<string> Names => Entries.Select(entry => entry.Names[0]).Except(Hidden);

    /// <summary>Whether a word names a command.</summary>
    public static bool Has(string word) => Entries.Any(entry => entry.Names.Contains(word));

    /// <summary>The root with the commands that <paramref name="arguments"/> may mean; with all of them when it names none.</summary>
    public static (Command Root, GlobalFlags Globals) Build(IReadOnlyList<string> arguments)
    {
        var root = new Command("limactl", "Linux virtual machines");
        var globals = new GlobalFlags(root);
        var mentioned = Entries.Where(entry => entry.Names.Any(arguments.Contains)).ToList();
        foreach (var entry in mentioned.Count > 0 ? mentioned : [.. Entries]) root.Add(entry.Make());
        return (root, globals);
    }
}
