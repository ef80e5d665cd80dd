using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>One verb of a format with its flags, width and precision, and how it writes a value.</summary>
internal sealed record GoVerb
{
    /// <summary>Values in values, deeper than any of Lima's.</summary>
    public const int DepthMax = 100;

    public required char Letter { get; init; }

    public int? Width { get; init; }

    public int? Precision { get; init; }

    public bool Minus { get; init; }

    public bool Plus { get; init; }

    public bool Sharp { get; init; }

    public bool Space { get; init; }

    public bool Zero { get; init; }

    public void Write(StringBuilder to, GoValue value) => Write(to, value, 0);

    private void Write(StringBuilder to, GoValue value, int depth)
    {
        if (depth > DepthMax) throw new GoProblem($"a value is nested deeper than {DepthMax} levels");
        if (Letter == 'T') Pad(to, value is GoNil ? "<nil>" : value.TypeName);
        else if (Letter == 'v' && Sharp) GoSyntax.Write(to, value, depth);
        else if (!TryWrite(to, value, depth)) WriteBad(to, value);
    }

    private bool TryWrite(StringBuilder to, GoValue value, int depth)
    {
        switch (value)
        {
            case GoNil when depth > 0:
                to.Append("<nil>");
                return true;
            case GoNil or GoPointer { Target: null } when Letter == 'v':
                Pad(to, "<nil>");
                return true;
            case GoPointer { Target: null } when Letter is 'b' or 'o' or 'd' or 'x' or 'X':
                return GoVerbNumbers.TryWrite(this, to, 0);
            case GoPointer { Target: { } target }:
                if (depth == 0 && target is GoStruct or GoMap or GoList) to.Append('&');
                Write(to, target, depth + 1);
                return true;
            case GoBool truth when Letter is 't' or 'v':
                Pad(to, truth.Value ? "true" : "false");
                return true;
            case GoInt number:
                return GoVerbNumbers.TryWrite(this, to, number.Value);
            case GoFloat number:
                return GoVerbNumbers.TryWrite(this, to, number.Value);
            case GoString text:
                return GoVerbStrings.TryWrite(this, to, text.Value);
            case GoList list:
                WriteAll(to, "[", list.Items, item => Write(to, item, depth + 1), ']');
                return true;
            case GoMap map:
                WriteAll(to, "map[", map.Entries, entry => WriteEntry(to, entry, depth + 1), ']');
                return true;
            case GoStruct structure:
                WriteAll(to, "{", structure.Fields, field => WriteField(to, field, depth + 1), '}');
                return true;
            default:
                return false;
        }
    }

    private static void WriteAll<T>(StringBuilder to, string open, IReadOnlyList<T> items, Action<T> write, char close)
    {
        to.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) to.Append(' ');
            write(items[i]);
        }

        to.Append(close);
    }

    private void WriteEntry(StringBuilder to, KeyValuePair<string, GoValue> entry, int depth)
    {
        Write(to, new GoString(entry.Key), depth);
        to.Append(':');
        Write(to, entry.Value, depth);
    }

    private void WriteField(StringBuilder to, GoField field, int depth)
    {
        if (Letter == 'v' && Plus) to.Append(field.Name).Append(':');
        Write(to, field.Value, depth);
    }

    private void WriteBad(StringBuilder to, GoValue value)
    {
        to.Append("%!").Append(Letter).Append('(');
        if (value is GoNil) to.Append("<nil>");
        else (this with { Letter = 'v', Sharp = false }).Write(to.Append(value.TypeName).Append('='), value);
        to.Append(')');
    }

    /// <summary>Writes a text in the verb's width, which counts characters.</summary>
    public void Pad(StringBuilder to, string text, bool zeros = true)
    {
        var missing = Width is { } width ? width - text.EnumerateRunes().Count() : 0;
        if (missing > 0 && !Minus) to.Append(Zero && zeros ? '0' : ' ', missing);
        to.Append(text);
        if (missing > 0 && Minus) to.Append(' ', missing);
    }
}
