using Lima.Cli.Commands;
using Lima.Cli.Shell;

namespace Lima.Cli.Plugins;

/// <summary>Recognises a command line that means a plugin, and becomes that program.</summary>
internal static class PluginCommand
{
    private static readonly string[] GlobalWithValue = ["--log-level", "--log-format"];

    /// <summary>
    /// What to become; null when the first word is a command of ours or there is no such plugin. Global flags before the
    /// word are ours, everything after it is the plugin's.
    /// </summary>
    public static ExecRequest? Find(IReadOnlyList<string> arguments, CliWorld world)
    {
        var at = 0;
        while (at < arguments.Count && arguments[at].StartsWith('-')) at += GlobalWithValue.Contains(arguments[at]) ? 2 : 1;
        if (at >= arguments.Count || CommandTable.Has(arguments[at])) return null;
        var finder = new PluginFinder(world, new CliPaths(world));
        if (finder.Find(arguments[at]) is not { } plugin) return null;
        return new ExecRequest(plugin.Path, [plugin.Path, .. arguments.Skip(at + 1)])
        {
            // A plugin finds its fellows, and this program, where it was itself found.
            Environment = new Dictionary<string, string> { ["PATH"] = string.Join(':', finder.Directories) },
        };
    }
}
