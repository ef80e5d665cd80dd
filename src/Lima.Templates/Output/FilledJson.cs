using System.Globalization;
using System.Text.Json;
using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Output;

/// <summary>Writes a filled tree as JSON, with the types that the fields have.</summary>
internal static class FilledJson
{
    /// <param name="writer">Where to.</param>
    /// <param name="map">A map in canonical form.</param>
    /// <param name="field">What its keys are.</param>
    /// <param name="emptyGroups">Whether groups without a set field are written as <c>{}</c>.</param>
    public static void Write(Utf8JsonWriter writer, YamlMap map, SchemaField field, bool emptyGroups)
    {
        writer.WriteStartObject();
        foreach (var own in field.Fields)
        {
            var value = map[own.Name];
            if (value is null && emptyGroups && own is { Type: FieldType.Map, Open: false, Presence: FieldPresence.WhenNotEmpty })
            {
                value = new YamlMap(map.At, []);
            }

            if (value is null) continue;
            writer.WritePropertyName(own.Name);
            WriteValue(writer, value, own, emptyGroups);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, YamlNode node, SchemaField field, bool emptyGroups)
    {
        switch (node)
        {
            case YamlMap map when field is { Type: FieldType.Map, Open: false }:
                Write(writer, map, field, emptyGroups);
                break;
            case YamlMap map when field.Type == FieldType.TextMap:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Entries) writer.WriteString(key.Value, ((YamlScalar)value).Value);
                writer.WriteEndObject();
                break;
            case YamlList list when field.Type == FieldType.List:
                writer.WriteStartArray();
                foreach (var item in list.Items) WriteValue(writer, item, field.Element!, emptyGroups);
                writer.WriteEndArray();
                break;
            case YamlScalar scalar when field.Type is not (FieldType.Integer or FieldType.Bool or FieldType.Map):
                writer.WriteStringValue(scalar.Value);
                break;
            default:
                WriteFree(writer, node);
                break;
        }
    }

    /// <summary>A value that no field describes: its type is what YAML makes of it.</summary>
    private static void WriteFree(Utf8JsonWriter writer, YamlNode node)
    {
        switch (node)
        {
            case YamlMap map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Entries)
                {
                    writer.WritePropertyName(key.Value);
                    WriteFree(writer, value);
                }

                writer.WriteEndObject();
                break;
            case YamlList list:
                writer.WriteStartArray();
                foreach (var item in list.Items) WriteFree(writer, item);
                writer.WriteEndArray();
                break;
            case { IsNull: true }:
                writer.WriteNullValue();
                break;
            case YamlScalar scalar:
                WriteScalar(writer, scalar);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, YamlScalar scalar)
    {
        if (YamlScalars.AsBool(scalar) is { } truth) writer.WriteBooleanValue(truth);
        else if (scalar.IsPlain && YamlScalars.AsInteger(scalar) is { } number) writer.WriteNumberValue(number);
        else if (scalar.IsPlain && scalar.Value.Length > 0 && scalar.Value[0] is (>= '0' and <= '9') or '-' or '.'
            && double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
        {
            writer.WriteNumberValue(real);
        }
        else writer.WriteStringValue(scalar.Value);
    }
}
