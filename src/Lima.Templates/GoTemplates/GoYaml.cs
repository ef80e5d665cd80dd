using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>
/// Writes values as YAML the way Lima's library does: two spaces a level, lists not indented below their key, texts of
/// several lines as literal blocks whose empty lines are indented too. No line break at the end.
/// </summary>
internal sealed class GoYaml
{
    private readonly StringBuilder _to = new();

    /// <exception cref="GoProblem">It is nested too deep.</exception>
    public static string Write(GoValue value)
    {
        var yaml = new GoYaml();
        switch (GoCompare.Target(value))
        {
            case GoStruct or GoMap when Entries(value) is { Count: > 0 } entries:
                yaml.WriteMap(entries, 0, startsOnLine: true);
                break;
            case GoList { Items.Length: > 0 } list:
                yaml.WriteList(list, 0);
                break;
            default:
                yaml.WriteLeaf(value, 0, inList: false);
                break;
        }

        return yaml._to.ToString(0, yaml._to.Length - 1);
    }

    private static List<(string Key, GoValue Value)> Entries(GoValue value) => GoCompare.Target(value) switch
    {
        GoMap map => [.. map.Entries.Select(entry => (entry.Key, entry.Value))],
        GoStruct structure => [.. GoJson.Fields(structure, IsEmpty).Select(field => (field.JsonName, field.Value))],
        _ => [],
    };

    /// <summary>Whether a field that may be left out while empty is: here also a struct all of whose fields are empty.</summary>
    private static bool IsEmpty(GoValue value) => value is GoStruct structure
        ? structure.Fields.All(field => IsEmpty(field.Value))
        : GoJson.IsEmpty(value);

    private static void Check(int indent)
    {
        if (indent > 2 * GoVerb.DepthMax) throw new GoProblem($"a value is nested deeper than {GoVerb.DepthMax} levels");
    }

    private void WriteMap(List<(string Key, GoValue Value)> entries, int indent, bool startsOnLine)
    {
        Check(indent);
        foreach (var (key, value) in entries)
        {
            if (!startsOnLine) _to.Append(' ', indent);
            startsOnLine = indent == 0;
            _to.Append(GoYamlText.Scalar(key)).Append(':');
            if (Entries(value) is { Count: > 0 } inner)
            {
                _to.Append('\n');
                WriteMap(inner, indent + 2, startsOnLine: false);
            }
            else if (GoCompare.Target(value) is GoList { Items.Length: > 0 } list)
            {
                _to.Append('\n');
                WriteList(list, indent);
            }
            else
            {
                _to.Append(' ');
                WriteLeaf(value, indent, inList: false);
            }
        }
    }

    private void WriteList(GoList list, int indent)
    {
        Check(indent);
        foreach (var item in list.Items)
        {
            _to.Append(' ', indent).Append("- ");
            if (Entries(item) is { Count: > 0 } inner) WriteMap(inner, indent + 2, startsOnLine: true);
            else if (GoCompare.Target(item) is GoList { Items.Length: > 0 } nested) WriteNested(nested, indent + 2);
            else WriteLeaf(item, indent, inList: true);
        }
    }

    /// <summary>A list in a list starts on the line of its outer one.</summary>
    private void WriteNested(GoList list, int indent)
    {
        var start = _to.Length;
        WriteList(list, indent);
        _to.Remove(start, indent);
    }

    private void WriteLeaf(GoValue value, int indent, bool inList)
    {
        switch (GoCompare.Target(value))
        {
            case GoString text when GoYamlText.IsBlock(text.Value):
                GoYamlText.WriteBlock(_to, text.Value, indent + 2, indentEmpty: !inList);
                return;
            case GoString text:
                _to.Append(GoYamlText.Scalar(text.Value));
                break;
            case GoList:
                _to.Append("[]");
                break;
            case GoMap or GoStruct:
                _to.Append("{}");
                break;
            case GoNil or GoPointer:
                _to.Append("null");
                break;
            case GoFloat number:
                _to.Append(GoYamlText.Number(number.Value));
                break;
            case var other:
                _to.Append(GoFormat.Plain(other));
                break;
        }

        _to.Append('\n');
    }
}
