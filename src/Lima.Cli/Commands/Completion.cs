using System.CommandLine;
using Lima.Cli.Edits;
using Lima.Cli.Templates;

namespace Lima.Cli.Commands;

/// <summary>Candidates for the word being typed, one a line: verbs, options, and what exists right now.</summary>
internal static class Completion
{
    // A completion that makes the user wait is worse than none.
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);
    private static readonly string[] OnInstances = ["start", "stop", "restart", "shell", "list", "ls", "delete", "remove", "rm", "pause", "resume", "wait", "history", "events", "edit", "clone", "rename", "factory-reset", "protect", "unprotect", "start-at-login", "show-ssh", "tunnel", "watch", "screenshot"];

    /// <summary>Prints the candidates for the last of <paramref name="words"/>; never fails and never starts a host.</summary>
    public static async Task<int> RunAsync(CliContext context, IReadOnlyList<string> words, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        var current = words.Count > 0 ? words[^1] : "";
        try
        {
            var candidates = await CandidatesAsync(context, words, current, limit.Token);
            foreach (var candidate in candidates.Where(candidate => candidate.StartsWith(current, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
                context.World.Out.Write(candidate + "\n");
        }
        catch (Exception e) when (e is CliException or OperationCanceledException or IOException or HttpRequestException)
        {
            // No candidates, then; the shell falls back to file names.
        }

        return ExitCodes.Success;
    }

    private static async Task<IEnumerable<string>> CandidatesAsync(CliContext context, IReadOnlyList<string> words, string current, CancellationToken cancel)
    {
        var before = words.SkipLast(1).ToList();
        var command = Descend(before);
        if (current.StartsWith('-')) return Options(command);
        if (command.Parents.FirstOrDefault() is null) return CommandTable.Names;
        if (EditFlagTable.All.FirstOrDefault(flag => "--" + flag.Name == before[^1]) is { ValueName: not null } edit) return edit.Candidates();
        return before[^1] switch
        {
            "--for" => ["running", "stopped", "paused", "error"],
            "--format" or "-f" when command.Parents.First().Name == "port" => ["json", "table"],
            "--format" or "-f" when command.Name == "list" => ["json", "yaml", "table"],
            "--format" or "-f" when command.Name == "show-ssh" => Shell.SshOptions.Formats,
            "--format" when command.Parents.First().Name == "disk" => ["qcow2", "raw"],
            "--mode" when command.Parents.First().Name == "network" => Lima.Templates.Networks.NetworkDefinition.Modes,
            "--condition" => ["login"],
            "--backend" => Copying.CopyTool.Backends,
            "--type" when command.Name == "tunnel" => ["socks"],
            "--log-level" => ["trace", "debug", "info", "warn", "error"],
            "--log-format" => ["text", "json"],
            _ when command.Subcommands.Count > 0 => command.Subcommands.Select(sub => sub.Name),
            "--proto" when command.Parents.First().Name == "port" => ["tcp", "udp", "any"],
            _ when command.Parents.First().Name == "port" => await PortsAsync(context, command.Name, before, cancel),
            _ => await ArgumentsAsync(context, command.Name, command.Parents.First().Name, cancel),
        };
    }

    private static async Task<IEnumerable<string>> ArgumentsAsync(CliContext context, string command, string parent, CancellationToken cancel) =>
        (parent, command) switch
        {
            ("image", "build") => await ImagesAsync(context, recipes: true, cancel),
            ("image", "rm") => await ImagesAsync(context, recipes: false, cancel),
            ("disk", "delete" or "unlock" or "resize" or "list") => await DisksAsync(context, cancel),
            ("network", "delete" or "list") => Networks(context),
            ("autostart", _) => await InstancesAsync(context, cancel),
            ("limactl", "completion") => CompletionScripts.Shells,
            ("limactl", "create") => Templates(context),
            ("limactl", "start") => [.. await InstancesAsync(context, cancel), .. Templates(context)],
            ("limactl", "copy") => (await InstancesAsync(context, cancel)).Select(name => name + ":"),
            ("limactl", _) when OnInstances.Contains(command) => await InstancesAsync(context, cancel),
            _ => [],
        };

    /// <summary>The instance, then for <c>remove</c> the host's ends of what it forwards.</summary>
    private static async Task<IEnumerable<string>> PortsAsync(CliContext context, string command, IReadOnlyList<string> before, CancellationToken cancel)
    {
        List<string> given = [.. before.SkipWhile(word => word != "port").Skip(2).Where(word => !word.StartsWith('-'))];
        if (given.Count == 0) return await InstancesAsync(context, cancel);
        if (command != "remove") return [];
        using var client = await context.RunningHostAsync(cancel);
        if (client is null) return [];
        return (await client.PortsAsync(given[0], cancel)).Forwards.Where(port => port is { Own: false, HostAddress.Length: > 0 }).Select(port => port.HostAddress).Distinct();
    }

    private static Command Descend(IReadOnlyList<string> words)
    {
        var command = CommandTable.Build([]).Root;
        foreach (var word in words.Where(word => !word.StartsWith('-')))
            command = command.Subcommands.FirstOrDefault(sub => sub.Name == word || sub.Aliases.Contains(word)) ?? command;
        return command;
    }

    private static IEnumerable<string> Options(Command command)
    {
        for (Command? at = command; at is not null; at = at.Parents.FirstOrDefault() as Command)
            foreach (var option in at.Options.Where(option => ReferenceEquals(at, command) || option.Recursive)) yield return option.Name;
    }

    private static async Task<IEnumerable<string>> InstancesAsync(CliContext context, CancellationToken cancel)
    {
        using var client = await context.RunningHostAsync(cancel);
        if (client is not null) return (await client.ListAsync(cancel)).Instances.Select(instance => instance.Name);
        return Directory.Exists(context.Paths.Home)
            ? Directory.EnumerateDirectories(context.Paths.Home).Where(path => File.Exists(Path.Combine(path, "lima.yaml"))).Select(path => Path.GetFileName(path))
            : [];
    }

    private static async Task<IEnumerable<string>> ImagesAsync(CliContext context, bool recipes, CancellationToken cancel)
    {
        using var client = await context.RunningHostAsync(cancel);
        if (client is null) return [];
        var store = await client.ImagesAsync(cancel);
        return recipes ? store.Recipes : store.Images.Select(image => image.Location);
    }

    private static async Task<IEnumerable<string>> DisksAsync(CliContext context, CancellationToken cancel)
    {
        using var client = await context.RunningHostAsync(cancel);
        if (client is not null) return (await client.DisksAsync(cancel)).Disks.Select(disk => disk.Name);
        var root = Path.Combine(context.Paths.Home, "_disks");
        return Directory.Exists(root) ? Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)) : [];
    }

    /// <summary>Only read: completing makes no file.</summary>
    private static IEnumerable<string> Networks(CliContext context)
    {
        var file = Path.Combine(context.Paths.Home, "_config", "networks.yaml");
        var text = File.Exists(file) ? File.ReadAllText(file) : Lima.Templates.Networks.NetworksFile.Default;
        return Lima.Templates.Networks.NetworksFile.Read(text, file, out _)?.Select(network => network.Name) ?? [];
    }

    private static IEnumerable<string> Templates(CliContext context) =>
        new TemplateFinder(context.World, context.Paths).All().Select(pair => "template:" + pair.Key);
}
