using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Output;
using Lima.Cli.Plugins;
using Lima.Cli.Shell;
using Lima.Cli.Templates;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl info</c>: one JSON object about this installation; the host's part only when it runs.</summary>
internal sealed class InfoCommand : CliCommand
{
    private readonly Option<string?> _yq = Text("--yq", "EXPR", "show only what this expression of yq gives (default: `.`)");

    public InfoCommand() : base("info", "Show facts about this installation as JSON", CommandGroup.Advanced, "limactl info", "limactl info --yq .limaHome") => Add(_yq);

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        using var client = await context.RunningHostAsync(cancel);
        var host = client is null ? null : await client.HostAsync(cancel);
        var text = JsonOutput.Text(writer => Write(writer, context, host), indented: true);
        context.World.Out.Write(parsed.GetValue(_yq) is { Length: > 0 } expression ? Query.Json(expression, text, indent: 4) : text + "\n");
        return ExitCodes.Success;
    }

    private static void Write(Utf8JsonWriter writer, CliContext context, HostView? host)
    {
        writer.WriteStartObject();
        writer.WriteString("version", CliApp.Version);
        writer.WriteStartArray("templates");
        foreach (var (name, file) in new TemplateFinder(context.World, context.Paths).All())
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("location", file);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("limaHome", context.Paths.Home);
        WriteDefault(writer, context);
        Texts(writer, "vmTypes", ["qemu"]);
        writer.WriteStartObject("vmTypesEx");
        writer.WriteStartObject("qemu");
        writer.WriteString("location", "internal");
        writer.WriteEndObject();
        writer.WriteEndObject();
        var filter = new EnvironmentFilter(context.World.Env("LIMA_SHELLENV_BLOCK"), context.World.Env("LIMA_SHELLENV_ALLOW"));
        Texts(writer, "shellEnvBlock", filter.Block);
        writer.WriteString("hostOS", ListFields.HostOs);
        writer.WriteString("hostArch", InstanceTable.HostArch);
        writer.WriteString("identityFile", context.Paths.UserKey);
        writer.WriteStartArray("plugins");
        foreach (var plugin in new PluginFinder(context.World, context.Paths).All()) Write(writer, plugin);
        writer.WriteEndArray();
        Texts(writer, "libexecPaths", [context.Paths.Libexec]);
        Texts(writer, "sharePaths", [context.Paths.Share]);
        if (host is not null)
        {
            writer.WritePropertyName("host");
            JsonSerializer.Serialize(writer, host, ContractsJson.Default.HostView);
        }

        writer.WriteEndObject();
    }

    // What `limactl start` would make, with its bases and defaults; left out where there is no such template.
    private static void WriteDefault(Utf8JsonWriter writer, CliContext context)
    {
        try
        {
            var sources = new TemplateSources(context);
            var filled = sources.Fill(sources.Finder.Read("template:default")).Filled!;
            writer.WritePropertyName("defaultTemplate");
            filled.WriteJson(writer, emptyGroups: true);
        }
        catch (CliException e)
        {
            context.Log.Debug($"no default template: {e.Message}");
        }
    }

    private static void Write(Utf8JsonWriter writer, Plugin plugin)
    {
        writer.WriteStartObject();
        writer.WriteString("name", plugin.Name);
        writer.WriteString("path", plugin.Path);
        if (plugin.Description.Length > 0) writer.WriteString("description", plugin.Description);
        writer.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
