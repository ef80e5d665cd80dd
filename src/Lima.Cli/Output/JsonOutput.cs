using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lima.Cli.Output;

/// <summary>JSON from the host, written for programs (one line each) or for a reader at a terminal (indented).</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        IndentSize = 4,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One element on one line, or indented by 4.</summary>
    public static string Text(JsonElement element, bool indented)
    {
        if (!indented && element.GetRawText() is var raw && !raw.Contains('\n')) return raw;
        return Text(element.WriteTo, indented);
    }

    /// <summary>One object on one line, or indented by 4.</summary>
    public static string Text(JsonObject entry, bool indented) => Text(writer => entry.WriteTo(writer), indented);

    /// <summary>An object as block YAML; texts are quoted as JSON, which is YAML too.</summary>
    public static string Yaml(JsonObject entry)
    {
        using var document = JsonDocument.Parse(Text(entry, indented: false));
        return Yaml(document.RootElement);
    }

    /// <summary>What <paramref name="write"/> writes.</summary>
    public static string Text(Action<Utf8JsonWriter> write, bool indented)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, indented ? Indented : Compact)) write(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>The same content as block YAML; texts are quoted as JSON, which is YAML too.</summary>
    public static string Yaml(JsonElement element)
    {
        var text = new StringBuilder();
        Yaml(text, element, "", inSequence: false);
        return text.ToString();
    }

    private static void Yaml(StringBuilder text, JsonElement element, string indent, bool inSequence)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when element.EnumerateObject().Any():
                var first = inSequence;
                foreach (var property in element.EnumerateObject())
                {
                    text.Append(first ? "" : indent).Append(Key(property.Name)).Append(':');
                    Value(text, property.Value, indent);
                    first = false;
                }

                break;
            case JsonValueKind.Array when element.GetArrayLength() > 0:
                foreach (var item in element.EnumerateArray())
                {
                    text.Append(indent).Append("- ");
                    if (IsFilled(item) && item.ValueKind == JsonValueKind.Object) Yaml(text, item, indent + "  ", inSequence: true);
                    else text.Append(item.GetRawText().ReplaceLineEndings(" ")).Append('\n');
                }

                break;
            default:
                text.Append(indent).Append(element.GetRawText()).Append('\n');
                break;
        }
    }

    private static void Value(StringBuilder text, JsonElement value, string indent)
    {
        if (IsFilled(value))
        {
            text.Append('\n');
            Yaml(text, value, value.ValueKind == JsonValueKind.Array ? indent : indent + "  ", inSequence: false);
        }
        else
        {
            text.Append(' ').Append(value.GetRawText()).Append('\n');
        }
    }

    private static bool IsFilled(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(),
        JsonValueKind.Array => element.GetArrayLength() > 0,
        _ => false,
    };

    private static string Key(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && name.Any(char.IsAsciiLetter)
            ? name
            : $"\"{JsonEncodedText.Encode(name)}\"";
}
