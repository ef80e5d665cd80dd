using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lima.Cli.Output;
using Lima.Contracts;
using Lima.Templates.GoTemplates;

namespace Lima.Cli.Commands;

/// <summary><c>limactl list</c>.</summary>
internal sealed class ListCommand : CliCommand
{
    private readonly Argument<string[]> _names = InstanceNames("instances to show (default: all)");
    private readonly Option<string?> _format = Text("--format", "FORMAT", "json, yaml, table (default), or a Go template such as '{{.Name}} {{.Status}}'", "-f");
    private readonly Option<bool> _json = Flag("--json", "same as --format=json");
    private readonly Option<bool> _quiet = Flag("--quiet", "print names only", "-q");
    private readonly Option<bool> _listFields = Flag("--list-fields", "print the names of the fields that a Go template may use, and end");
    private readonly Option<string[]> _yq = Many("--yq", "show what this expression of yq gives for each instance; may be repeated");
    private readonly Option<string[]> _filter = Many("--filter", "only instances for which this expression of yq is true; may be repeated", "-l");
    private readonly Option<bool> _all = Flag("--all-fields", "leave no column out, and show what the disks take here");

    public ListCommand() : base("list", "List instances", CommandGroup.Basic, "limactl list", "limactl ls --json", "limactl list -q", "limactl list web db", "limactl list --format '{{.Name}} {{.SSHLocalPort}}'",
        "limactl list --filter '.status == \"Running\"'", "limactl list --yq '.config.images[0].location'")
    {
        Aliases.Add("ls");
        Add(_names);
        Add(_format);
        Add(_json);
        Add(_quiet);
        Add(_listFields);
        Add(_yq);
        Add(_filter);
        Add(_all);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (filters, queries) = (parsed.GetValue(_filter) ?? [], parsed.GetValue(_yq) ?? []);
        var format = Format(parsed, queries.Length > 0);
        if (parsed.GetValue(_listFields)) return ListFieldNames(parsed, context);
        var names = parsed.GetValue(_names) ?? [];
        var whole = format is not ("table" or "quiet") || filters.Length + queries.Length > 0;
        using var document = Parse(await context.Client.ListBytesAsync(whole, cancel));
        var all = document.RootElement.GetProperty("instances").EnumerateArray().ToList();
        if (all.Count == 0 && names.Length == 0)
        {
            context.Log.Warn("No instance found. Run `limactl create` to create an instance.");
            return ExitCodes.Success;
        }

        var chosen = names.Length == 0 ? all : Choose(all, names, context.Log);
        if (filters.Length > 0) chosen = [.. chosen.Where(instance => Matches(instance, filters, context))];
        foreach (var broken in chosen.Where(instance => Text(instance, "status") == "Broken"))
            context.Log.Warn($"instance `{Text(broken, "name")}` has errors: {Errors(broken)}");
        context.World.Out.Write(queries.Length > 0
            ? Queried(chosen, format, queries, context)
            : Render(chosen, format, parsed.GetValue(_all), context));
        var missing = names.Any(name => all.All(instance => Text(instance, "name") != name));
        return missing ? throw new CliException("unmatched instances") : ExitCodes.Success;
    }

    // As Lima, each filter is a select() before the next, and an instance stays when anything comes out.
    private static bool Matches(JsonElement instance, string[] filters, CliContext context) =>
        Query.Json(string.Join(" | ", filters.Select(filter => $"select({filter})")), JsonOutput.Text(ListFields.Complete(instance, context.Paths), indented: false), 0).Trim().Length > 0;

    private static string Queried(List<JsonElement> instances, string format, string[] queries, CliContext context)
    {
        var expression = string.Join(" | ", format == "quiet" ? [.. queries, ".name"] : queries);
        return format == "yaml"
            ? Query.Yaml(expression, Render(instances, format, allFields: false, context))
            : string.Concat(Entries(instances, context).Select(entry =>
                Query.Json(expression, JsonOutput.Text(entry, indented: false), context.World.OutIsTerminal ? 4 : 0)));
    }

    private int ListFieldNames(ParseResult parsed, CliContext context)
    {
        if (parsed.GetResult(_format) is { Implicit: false } || parsed.GetValue(_json)) throw CliException.Usage("option --list-fields conflicts with option --format");
        if (parsed.GetResult(_yq) is { Implicit: false }) throw CliException.Usage("option --list-fields conflicts with option --yq");
        if (parsed.GetResult(_filter) is { Implicit: false }) throw CliException.Usage("option --list-fields conflicts with option --filter");
        foreach (var name in GoFields.InstanceFieldNames.Order(StringComparer.Ordinal)) context.World.Out.Write(name + "\n");
        return ExitCodes.Success;
    }

    private static string Render(List<JsonElement> instances, string format, bool allFields, CliContext context) => format switch
    {
        "quiet" => string.Concat(instances.Select(instance => Text(instance, "name") + "\n")),
        "json" when !context.World.OutIsTerminal => string.Concat(instances.Select(instance => ListFields.Line(instance, context.Paths) + "\n")),
        "json" => string.Concat(Entries(instances, context).Select(entry => JsonOutput.Text(entry, indented: true) + "\n")),
        "yaml" => string.Concat(Entries(instances, context).Select(entry => "---\n" + JsonOutput.Yaml(entry))),
        "table" when instances.Count == 0 => "",
        "table" => InstanceTable.Format(
            [.. instances.Select(instance => instance.Deserialize(ContractsJson.Default.InstanceView)!)],
            context.World.UserHome,
            context.World.OutIsTerminal ? context.World.TerminalWidth() : null,
            allFields),
        _ => ListTemplate.Format(format, Entries(instances, context)),
    };

    private static IEnumerable<JsonObject> Entries(IEnumerable<JsonElement> instances, CliContext context) =>
        instances.Select(instance => ListFields.Complete(instance, context.Paths));

    private string Format(ParseResult parsed, bool queried)
    {
        var (format, json, quiet) = (parsed.GetValue(_format), parsed.GetValue(_json), parsed.GetValue(_quiet));
        if (json && format is not null) throw CliException.Usage("option --json conflicts with option --format");
        var chosen = json ? "json" : format ?? "table";
        if (queried && format is not (null or "json" or "yaml")) throw CliException.Usage("option --yq only works with --format json or yaml");
        if (quiet) return chosen == "table" ? "quiet" : throw CliException.Usage("option --quiet can only be used with '--format table'");
        if (queried && chosen == "table") return "json";
        return chosen is "json" or "yaml" or "table" || chosen.Contains("{{")
            ? chosen
            : throw CliException.Usage($"unsupported format `{chosen}`", "use json, yaml, table or a Go template such as '{{.Name}}'");
    }

    private static Option<string[]> Many(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = "EXPR", AllowMultipleArgumentsPerToken = false };

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
