using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lima.Contracts;
using Lima.Templates.GoTemplates;

namespace Lima.Cli.Output;

/// <summary>Instances through a Go template, as <c>limactl list --format</c> takes one.</summary>
internal static class ListTemplate
{
    /// <summary>The template executed for each entry, each followed by the end of its line.</summary>
    /// <exception cref="CliException">The template is not well formed, or an entry does not have what it names; nothing is shown then.</exception>
    public static string Format(string format, IEnumerable<JsonObject> entries)
    {
        if (!GoTemplate.TryParse(format, "format", out var template, out var problem, LimaFunctions.All))
            throw CliException.Usage($"invalid go template: {Printable.Line(problem)}", "`limactl list --list-fields` prints the names of fields");
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            if (entry["message"] is JsonValue message && message.TryGetValue(out string? words)) entry["message"] = TrimEnd(words);
            if (!template.TryExecute(GoFields.Instance(entry), out var result, out problem))
                throw new CliException(Printable.Line(problem), "`limactl list --list-fields` prints the names of fields");
            text.Append(result).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The same for forwards.</summary>
    /// <exception cref="CliException">The template is not well formed, or a forward does not have what it names; nothing is shown then.</exception>
    public static string Forwards(string format, IEnumerable<PortView> forwards)
    {
        if (!GoTemplate.TryParse(format, "format", out var template, out var problem, LimaFunctions.All)) throw CliException.Usage($"invalid go template: {Printable.Line(problem)}", ForwardFields);
        var text = new StringBuilder();
        foreach (var forward in forwards)
        {
            if (!template.TryExecute(GoFields.Forward(JsonSerializer.SerializeToElement(forward, ContractsJson.Default.PortView)), out var result, out problem))
                throw new CliException(Printable.Line(problem), ForwardFields);
            text.Append(result).Append('\n');
        }

        return text.ToString();
    }

    private const string ForwardFields = "the fields are Protocol, GuestAddress, HostAddress, State, Path, Problem, Rule, Own and Reverse";

    private static string TrimEnd(string text) => text.EndsWith('\n') ? text[..^1] : text;
}
