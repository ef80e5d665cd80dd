using System.Text.Json;

namespace Lima.Templates.Schema;

/// <summary>The format of <c>lima.yaml</c> as a JSON schema, for editors and checkers.</summary>
public static class JsonSchema
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>Writes it as one JSON object; the caller flushes.</summary>
    public static void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("$schema", Dialect);
        writer.WriteString("title", "lima.yaml");
        WriteMap(writer, LimaSchema.Root);
        writer.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter writer, SchemaField field)
    {
        writer.WriteStartObject();
        switch (field.Type)
        {
            case FieldType.Map when field.Open:
                WriteTypes(writer, "object", "null");
                break;
            case FieldType.Map:
                WriteMap(writer, field);
                break;
            case FieldType.TextMap:
                WriteTypes(writer, "object", "null");
                writer.WriteStartObject("additionalProperties");

                // A number or a truth value is taken as it is written.
                WriteTypes(writer, "string", "number", "boolean", "null");
                writer.WriteEndObject();
                break;
            case FieldType.List:
                WriteList(writer, field);
                break;
            case FieldType.Integer:
                WriteTypes(writer, "integer", "null");
                break;
            case FieldType.Bool:
                WriteTypes(writer, "boolean", "null");
                break;
            default:
                WriteText(writer, field);
                break;
        }

        writer.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter writer, SchemaField field)
    {
        if (field.OrSingle) WriteTypes(writer, "string", "object", "null");
        else WriteTypes(writer, "object", "null");
        writer.WriteStartObject("properties");
        foreach (var own in field.Fields)
        {
            writer.WritePropertyName(own.Name);
            WriteField(writer, own);
        }

        writer.WriteEndObject();
        writer.WriteBoolean("additionalProperties", false);
        var required = field.Fields.Where(own => own.Presence == FieldPresence.Always).Select(own => own.Name).ToList();
        if (required.Count == 0) return;
        writer.WriteStartArray("required");
        foreach (var name in required) writer.WriteStringValue(name);
        writer.WriteEndArray();
    }

    private static void WriteList(Utf8JsonWriter writer, SchemaField field)
    {
        if (field.OrSingle) WriteTypes(writer, "string", "array", "null");
        else WriteTypes(writer, "array", "null");
        writer.WritePropertyName("items");
        WriteField(writer, field.Element!);
        if (field.Length == 0) return;
        writer.WriteNumber("minItems", field.Length);
        writer.WriteNumber("maxItems", field.Length);
    }

    private static void WriteText(Utf8JsonWriter writer, SchemaField field)
    {
        WriteTypes(writer, "string", "null");
        if (field.Address)
        {
            // Lima's own says only ipv4, and takes both.
            writer.WriteStartArray("anyOf");
            foreach (var format in (string[])["ipv4", "ipv6"])
            {
                writer.WriteStartObject();
                writer.WriteString("format", format);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (field.Usual.Length > 0) writer.WriteString("default", field.Usual);
        if (field.Choices.IsEmpty || field.Presence != FieldPresence.WhenSet) return;
        writer.WriteStartArray("enum");
        writer.WriteNullValue();
        foreach (var choice in field.Choices.Where(choice => choice != "default")) writer.WriteStringValue(choice);
        writer.WriteEndArray();
    }

    private static void WriteTypes(Utf8JsonWriter writer, params ReadOnlySpan<string> types)
    {
        writer.WriteStartArray("type");
        foreach (var type in types) writer.WriteStringValue(type);
        writer.WriteEndArray();
    }
}
