using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>Values as Go source code: the verb <c>%#v</c>.</summary>
internal static class GoSyntax
{
    public static void Write(StringBuilder to, GoValue value, int depth)
    {
        if (depth > GoVerb.DepthMax) throw new GoProblem($"a value is nested deeper than {GoVerb.DepthMax} levels");
        switch (value)
        {
            case GoNil:
                to.Append(depth == 0 ? "<nil>" : "interface {}(nil)");
                break;
            case GoPointer { Target: null }:
                to.Append('(').Append(value.TypeName).Append(")(nil)");
                break;
            case GoPointer { Target: { } target }:
                if (depth == 0) to.Append('&');
                Write(to, target, depth + 1);
                break;
            case GoString text:
                to.Append(GoQuote.Quote(text.Value));
                break;
            case GoList { IsNil: true } or GoMap { IsNil: true }:
                to.Append(value.TypeName).Append("(nil)");
                break;
            case GoList list:
                WriteAll(to, value, list.Items, item => Write(to, item, depth + 1));
                break;
            case GoMap map:
                WriteAll(to, value, map.Entries, entry => WriteNamed(to, GoQuote.Quote(entry.Key), entry.Value, depth + 1));
                break;
            case GoStruct structure:
                WriteAll(to, value, structure.Fields, field => WriteNamed(to, field.Name, field.Value, depth + 1));
                break;
            default:
                to.Append(GoFormat.Plain(value));
                break;
        }
    }

    private static void WriteNamed(StringBuilder to, string name, GoValue value, int depth)
    {
        to.Append(name).Append(':');
        Write(to, value, depth);
    }

    private static void WriteAll<T>(StringBuilder to, GoValue value, IReadOnlyList<T> items, Action<T> write)
    {
        to.Append(value.TypeName).Append('{');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) to.Append(", ");
            write(items[i]);
        }

        to.Append('}');
    }
}
