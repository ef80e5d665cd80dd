using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Lima.Cli.Commands;
using Lima.Cli.Output;
using Lima.Cli.Plugins;
using Lima.Cli.Shell;
using Lima.Cli.Yq;

namespace Lima.Cli;

/// <summary>From a command line to an exit status. Nothing escapes from here but the exit status.</summary>
internal static class CliApp
{
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Version of the product.</summary>
    public static string Version { get; } =
        typeof(CliApp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Runs the program under the name it was called by.</summary>
    public static async Task<int> RunAsync(string programName, IReadOnlyList<string> arguments, CliWorld world)
    {
        var log = new Log(world);
        try
        {
            var exit = await DispatchAsync(Path.GetFileName(programName), arguments, world, made => log = made);
            await world.Out.FlushAsync();
            return exit;
        }
        catch (CliException e)
        {
            await world.Out.FlushAsync();
            return Report(e, log, world);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e)
        {
            var detail = world.Env("LIMA_DEBUG") is { Length: > 0 } ? "\n" + e : "";
            log.Fatal($"unexpected failure: {e.Message} (hint: set LIMA_DEBUG=1 to see where){detail}");
            return ExitCodes.Failure;
        }
    }

    /// <summary>Runs a command line of <c>limactl</c>.</summary>
    /// <param name="arguments">Words after the program's name.</param>
    /// <param name="world">Surroundings.</param>
    /// <param name="useLog">Told of the log as soon as the options that shape it are known.</param>
    /// <param name="defaultInstance">Instance meant when a command names none.</param>
    public static async Task<int> LimactlAsync(
        IReadOnlyList<string> arguments, CliWorld world, Action<Log> useLog, string defaultInstance = CliContext.UsualInstance)
    {
        if (arguments.Count > 0 && arguments[0] == "__complete")
        {
            using var silent = new CliContext(world, new GlobalOptions());
            return await Completion.RunAsync(silent, [.. arguments.Skip(1)], CancellationToken.None);
        }

        if (arguments is ["help", ..])
        {
            string[] words = [.. arguments.Skip(1)];
            if (words is [var topic] && HelpTopics.Text(topic) is { } text)
            {
                world.Out.Write(text);
                return ExitCodes.Success;
            }

            // A word that is no command is told as such.
            return await LimactlAsync(words.Length == 0 || CommandTable.Has(words[0]) ? [.. words, "--help"] : words, world, useLog, defaultInstance);
        }

        if (ShellWord(arguments) is { } shell) return await ShellAsync(ShellOptions.Parse([.. arguments.Take(shell), .. arguments.Skip(shell + 1)]), world, useLog);
        if (PluginCommand.Find(arguments, world) is { } plugin) return world.Exec(plugin);
        var (root, globals) = CommandTable.Build(arguments);
        var parsed = root.Parse(arguments, Parsing);
        if (globals.Version(parsed))
        {
            world.Out.Write($"limactl version {Version}\n");
            return ExitCodes.Success;
        }

        var command = parsed.CommandResult.Command as CliCommand;
        if (globals.Help(parsed) || (command is null && parsed.UnmatchedTokens.Count == 0)) return Help(command, world);
        // Before what the parser finds wrong: it would name the word that an unknown flag has pushed out of its place.
        if (command is not null) RefuseUnknownFlags(arguments, parsed, command);
        if (parsed.Errors.Count > 0 && !(command is CliCommandFamily && parsed.UnmatchedTokens.Count == 0)) throw UsageError(parsed, command);
        using var context = new CliContext(world, globals.Options(parsed)) { DefaultInstance = defaultInstance };
        useLog(context.Log);
        return await command!.RunAsync(parsed, context, CancellationToken.None);
    }

    /// <summary>Opens a shell or runs a command in a guest.</summary>
    public static async Task<int> ShellAsync(ShellOptions options, CliWorld world, Action<Log> useLog)
    {
        if (options.Help)
        {
            HelpWriter.Write((CliCommand)CommandTable.Build(["shell"]).Root.Subcommands.Single(), world.Out);
            return ExitCodes.Success;
        }

        using var context = new CliContext(world, options.Globals());
        useLog(context.Log);
        return await GuestShell.RunAsync(context, options, CancellationToken.None);
    }

    private static Task<int> DispatchAsync(string name, IReadOnlyList<string> arguments, CliWorld world, Action<Log> useLog) => name switch
    {
        _ when YqProgram.IsMeant(name, arguments) => Task.FromResult(YqProgram.Run(arguments is ["yq", ..] && name.Split('.')[0] != "yq" ? [.. arguments.Skip(1)] : arguments, world)),
        "lima" => LimaProgram.RunAsync(arguments, world, useLog),
        _ when EngineProgram.Find(name) is { } engine => engine.RunAsync(arguments, world, useLog),
        _ => LimactlAsync(arguments, world, useLog),
    };

    // Position of the word `shell` when only global flags come before it.
    private static int? ShellWord(IReadOnlyList<string> arguments)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            if (arguments[at] == "shell") return at;
            if (!arguments[at].StartsWith('-') || arguments[at] == "--") return null;
            if (arguments[at] is "--log-level" or "--log-format") at++;
        }

        return null;
    }

    private static int Help(CliCommand? command, CliWorld world)
    {
        if (command is null) HelpWriter.WriteRoot(CommandTable.Build([]).Root, new PluginFinder(world, new CliPaths(world)).All(), world.Out);
        else HelpWriter.Write(command, world.Out);
        return ExitCodes.Success;
    }

    // The parser takes an unknown flag for one more argument where a command accepts any number of them.
    private static void RefuseUnknownFlags(IReadOnlyList<string> arguments, ParseResult parsed, CliCommand command)
    {
        if (arguments.Contains("--")) return;
        var flag = parsed.CommandResult.Tokens.Select(token => token.Value).FirstOrDefault(word => word.Length > 1 && word[0] == '-');
        if (flag is not null) throw CliException.Usage($"unknown flag: {flag}", $"see `{HelpWriter.Path(command)} --help`");
    }

    private static CliException UsageError(ParseResult parsed, CliCommand? command)
    {
        var stray = parsed.UnmatchedTokens is [var first, ..] ? first : null;
        if (command is null or CliCommandFamily && stray is not null && !stray.StartsWith('-'))
        {
            var names = command is null ? CommandTable.Names : command.Subcommands.Select(sub => sub.Name);
            var path = command is null ? "limactl" : HelpWriter.Path(command);
            var near = Similar.Best(stray!, names);
            return CliException.Usage($"unknown command `{stray}` for `{path}`", near is null ? $"see `{path} --help`" : $"did you mean `{path} {near}`?");
        }

        var where = command is null ? "limactl" : HelpWriter.Path(command);
        return CliException.Usage($"`{where}`: {Sentence(parsed.Errors[0])}", $"usage: {(command is null ? "limactl [OPTIONS] COMMAND" : HelpWriter.Usage(command))}; see `{where} --help`");
    }

    private static string Sentence(ParseError error)
    {
        var text = error.Message.TrimEnd('.').Replace("\n\t", " ");
        return text.Length == 0 ? "wrong arguments" : char.ToLowerInvariant(text[0]) + text[1..].Replace('\'', '`');
    }

    private static int Report(CliException e, Log log, CliWorld world)
    {
        foreach (var problem in e.Problems)
            log.Error($"{problem.File}:{problem.Line}:{problem.Column}: {(problem.Field.Length > 0 && !problem.Message.StartsWith("field `", StringComparison.Ordinal) ? $"field `{problem.Field}`: " : "")}{problem.Message}");
        log.Fatal(e.Hint is { Length: > 0 } hint ? $"{e.Message} (hint: {hint})" : e.Message);
        if (world.Env("LIMA_DEBUG") is { Length: > 0 }) log.Debug(e.ToString());
        return e.ExitCode;
    }
}
