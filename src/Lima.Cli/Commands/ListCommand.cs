using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl list</c>. Programs get the host's own JSON untouched.</summary>
internal sealed class ListCommand : CliCommand
{
    private readonly Argument<string[]> _names = InstanceNames("instances to show (default: all)");
    private readonly Option<string?> _format = Text("--format", "FORMAT", "json, yaml or table (default: table)", "-f");
    private readonly Option<bool> _json = Flag("--json", "same as --format=json");
    private readonly Option<bool> _quiet = Flag("--quiet", "print names only", "-q");
    private readonly Option<bool> _all = Flag("--all-fields", "leave no column out on a narrow terminal");

    public ListCommand() : base("list", "List instances", CommandGroup.Basic, "limactl list", "limactl ls --json", "limactl list -q", "limactl list web db")
    {
        Aliases.Add("ls");
        Add(_names);
        Add(_format);
        Add(_json);
        Add(_quiet);
        Add(_all);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var format = Format(parsed.GetValue(_format), parsed.GetValue(_json), parsed.GetValue(_quiet));
        var names = parsed.GetValue(_names) ?? [];
        using var document = Parse(await context.Client.ListBytesAsync(cancel));
        var all = document.RootElement.GetProperty("instances").EnumerateArray().ToList();
        if (all.Count == 0 && names.Length == 0)
        {
            context.Log.Warn("No instance found. Run `limactl create` to create an instance.");
            return ExitCodes.Success;
        }

        var chosen = names.Length == 0 ? all : Choose(all, names, context.Log);
        foreach (var broken in chosen.Where(instance => Text(instance, "status") == "Broken"))
            context.Log.Warn($"instance `{Text(broken, "name")}` has errors: {Errors(broken)}");
        context.World.Out.Write(Render(chosen, format, parsed.GetValue(_all), context.World));
        var missing = names.Any(name => all.All(instance => Text(instance, "name") != name));
        return missing ? throw new CliException("unmatched instances") : ExitCodes.Success;
    }

    private static string Render(List<JsonElement> instances, string format, bool allFields, CliWorld world) => format switch
    {
        "quiet" => string.Concat(instances.Select(instance => Text(instance, "name") + "\n")),
        "json" => string.Concat(instances.Select(instance => JsonOutput.Text(instance, world.OutIsTerminal) + "\n")),
        "yaml" => string.Concat(instances.Select(instance => "---\n" + JsonOutput.Yaml(instance))),
        _ when instances.Count == 0 => "",
        _ => InstanceTable.Format(
            [.. instances.Select(instance => instance.Deserialize(ContractsJson.Default.InstanceView)!)],
            world.UserHome,
            world.OutIsTerminal ? world.TerminalWidth() : null,
            allFields),
    };

    private static string Format(string? format, bool json, bool quiet)
    {
        if (json && format is not null) throw CliException.Usage("option --json conflicts with option --format");
        var chosen = json ? "json" : format ?? "table";
        if (quiet) return chosen == "table" ? "quiet" : throw CliException.Usage("option --quiet can only be used with '--format table'");
        return chosen is "json" or "yaml" or "table"
            ? chosen
            : throw CliException.Usage($"unsupported format `{chosen}`", "use json, yaml or table");
    }

    private static List<JsonElement> Choose(List<JsonElement> all, string[] names, Log log)
    {
        var chosen = new List<JsonElement>();
        foreach (var name in names)
        {
            var found = all.FindIndex(instance => Text(instance, "name") == name);
            if (found >= 0) chosen.Add(all[found]);
            else log.Warn($"No instance matching {name} found.");
        }

        return chosen;
    }

    private static JsonDocument Parse(byte[] bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            throw new CliException("the host's answer is not understood", "run `limactl host stop` and try again");
        }
    }

    private static string Text(JsonElement instance, string property) =>
        instance.TryGetProperty(property, out var value) ? value.GetString() ?? "" : "";

    private static string Errors(JsonElement instance) =>
        instance.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
            ? string.Join("; ", errors.EnumerateArray().Select(error => error.GetString()))
            : "its configuration cannot be read";
}
