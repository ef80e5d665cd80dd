using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lima.Cli.Output;

/// <summary>What a list entry says besides what the host knows of the instance: facts about this machine, which scripts for old Lima read.</summary>
internal static class ListFields
{
    /// <summary>Name of this operating system in Go's words.</summary>
    public static string HostOs => OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsLinux() ? "linux" : RuntimeInformation.OSDescription;

    /// <summary>An entry with them, and without its empty objects, which Lima leaves out.</summary>
    public static JsonObject Complete(JsonElement instance, CliPaths paths)
    {
        var entry = JsonObject.Create(instance)!;
        RemoveEmpty(entry);
        entry["HostOS"] = HostOs;
        entry["HostArch"] = InstanceTable.HostArch;
        entry["LimaHome"] = paths.Home;
        entry["IdentityFile"] = paths.UserKey;
        return entry;
    }

    /// <summary>The same as one line of JSON. Most entries have nothing to leave out, and then their text only grows.</summary>
    public static string Line(JsonElement instance, CliPaths paths)
    {
        var text = instance.GetRawText();
        if (text.Contains("{}") || text.Contains('\n')) return JsonOutput.Text(Complete(instance, paths), indented: false);
        return $"{text.AsSpan(0, text.Length - 1)},\"HostOS\":{Quoted(HostOs)},\"HostArch\":{Quoted(InstanceTable.HostArch)},\"LimaHome\":{Quoted(paths.Home)},\"IdentityFile\":{Quoted(paths.UserKey)}}}";
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static void RemoveEmpty(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list) RemoveEmpty(item);
        }
        else if (node is JsonObject map)
        {
            foreach (var (_, value) in map) RemoveEmpty(value);
            foreach (var name in map.Where(entry => entry.Value is JsonObject { Count: 0 }).Select(entry => entry.Key).ToList()) map.Remove(name);
        }
    }
}
