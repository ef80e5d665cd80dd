using System.Globalization;
using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>
/// Writes values as Go's encoding/json does when it is told not to escape for HTML, as Lima tells it: compact, fields in
/// their order, keys of maps sorted, no line break at the end.
/// </summary>
internal static class GoJson
{
    /// <exception cref="GoProblem">It is nested too deep.</exception>
    public static string Write(GoValue value)
    {
        var to = new StringBuilder();
        Write(to, value, 0);
        return to.ToString();
    }

    /// <summary>Whether a field that may be left out while empty is. A struct never is.</summary>
    public static bool IsEmpty(GoValue value) => value is not GoStruct && !GoCompare.IsTrue(value);

    /// <summary>The fields of a struct that have a name in JSON and are not left out, those of embedded structs among them.</summary>
    public static IEnumerable<GoField> Fields(GoStruct structure, Func<GoValue, bool> isEmpty)
    {
        foreach (var field in structure.Fields)
        {
            if (field is { Embedded: true, Value: GoStruct inner })
            {
                foreach (var within in Fields(inner, isEmpty)) yield return within;
            }
            else if (field.JsonName != "-" && !(field.OmitEmpty && isEmpty(field.Value)))
            {
                yield return field;
            }
        }
    }

    private static void Write(StringBuilder to, GoValue value, int depth)
    {
        if (depth > GoVerb.DepthMax) throw new GoProblem($"a value is nested deeper than {GoVerb.DepthMax} levels");
        switch (GoCompare.Target(value))
        {
            case GoBool truth:
                to.Append(truth.Value ? "true" : "false");
                break;
            case GoInt number:
                to.Append(number.Value);
                break;
            case GoFloat number:
                to.Append(Number(number.Value));
                break;
            case GoString text:
                WriteText(to, text.Value);
                break;
            case GoList { IsNil: false } list:
                WriteAll(to, '[', list.Items, item => Write(to, item, depth + 1), ']');
                break;
            case GoMap { IsNil: false } map:
                WriteAll(to, '{', map.Entries, entry => WriteNamed(to, entry.Key, entry.Value, depth + 1), '}');
                break;
            case GoStruct structure:
                WriteAll(to, '{', Fields(structure, IsEmpty), field => WriteNamed(to, field.JsonName, field.Value, depth + 1), '}');
                break;
            default:
                to.Append("null");
                break;
        }
    }

    private static void WriteNamed(StringBuilder to, string name, GoValue value, int depth)
    {
        WriteText(to, name);
        to.Append(':');
        Write(to, value, depth);
    }

    private static void WriteAll<T>(StringBuilder to, char open, IEnumerable<T> items, Action<T> write, char close)
    {
        to.Append(open);
        var first = true;
        foreach (var item in items)
        {
            if (!first) to.Append(',');
            first = false;
            write(item);
        }

        to.Append(close);
    }

    /// <summary>Very large and very small numbers have an exponent, without a zero before its digits.</summary>
    private static string Number(double value)
    {
        var size = Math.Abs(value);
        if (!double.IsFinite(value)) return "null";
        if (size == 0 || (size >= 1e-6 && size < 1e21)) return GoFloats.Text(value, 'f', -1);
        return GoFloats.Text(value, 'e', -1).Replace("e-0", "e-", StringComparison.Ordinal);
    }

    private static void WriteText(StringBuilder to, string text)
    {
        to.Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            to.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' or 0x2028 or 0x2029 => "\\u" + rune.Value.ToString("x4", CultureInfo.InvariantCulture),
                _ => rune.ToString(),
            });
        }

        to.Append('"');
    }
}
