using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>The functions that every template has. <c>and</c> and <c>or</c> are the executor's: they do not evaluate all arguments.</summary>
internal static class GoBuiltins
{
    private static readonly Dictionary<string, (int Least, int Most)> Counts = new(StringComparer.Ordinal)
    {
        ["and"] = (1, int.MaxValue),
        ["or"] = (1, int.MaxValue),
        ["not"] = (1, 1),
        ["eq"] = (1, int.MaxValue),
        ["ne"] = (2, 2),
        ["lt"] = (2, 2),
        ["le"] = (2, 2),
        ["gt"] = (2, 2),
        ["ge"] = (2, 2),
        ["len"] = (1, 1),
        ["index"] = (1, int.MaxValue),
        ["slice"] = (1, int.MaxValue),
        ["print"] = (0, int.MaxValue),
        ["printf"] = (1, int.MaxValue),
        ["println"] = (0, int.MaxValue),
        ["html"] = (0, int.MaxValue),
        ["js"] = (0, int.MaxValue),
        ["urlquery"] = (0, int.MaxValue),
        ["call"] = (1, int.MaxValue),
    };

    public static bool Has(string name) => Counts.ContainsKey(name);

    /// <exception cref="GoProblem">There are too few or too many arguments, or a format is no string.</exception>
    public static void Check(string name, IReadOnlyList<GoValue> arguments)
    {
        var (least, most) = Counts[name];
        if (arguments.Count < least || arguments.Count > most)
        {
            throw new GoProblem($"wrong number of args for {name}: want {(most > least ? "at least " : "")}{least} got {arguments.Count}");
        }

        if (name == "printf" && GoCompare.Target(arguments[0]) is not GoString)
        {
            throw new GoProblem($"wrong type for value; expected string; got {arguments[0].TypeName}");
        }
    }

    /// <exception cref="GoProblem">The arguments are not right for it.</exception>
    public static GoValue Call(string name, IReadOnlyList<GoValue> arguments, GoOutput output)
    {
        try
        {
            return Compute(name, arguments, output);
        }
        catch (GoProblem problem)
        {
            throw new GoProblem($"error calling {name}: {problem.Message}");
        }
    }

    private static GoValue Compute(string name, IReadOnlyList<GoValue> arguments, GoOutput output) => name switch
    {
        "not" => GoValue.Of(!GoCompare.IsTrue(arguments[0])),
        "eq" => GoValue.Of(GoCompare.IsAnyEqual(arguments)),
        "ne" => GoValue.Of(!GoCompare.IsAnyEqual(arguments)),
        "lt" => GoValue.Of(GoCompare.IsLess(arguments[0], arguments[1])),
        "le" => GoValue.Of(GoCompare.IsLessOrEqual(arguments[0], arguments[1])),
        "gt" => GoValue.Of(!GoCompare.IsLessOrEqual(arguments[0], arguments[1])),
        "ge" => GoValue.Of(!GoCompare.IsLess(arguments[0], arguments[1])),
        "len" => GoValue.Of(Length(arguments[0])),
        "index" => Index(arguments),
        "slice" => Slice(arguments),
        "print" => GoValue.Of(GoFormat.Print(arguments)),
        "println" => GoValue.Of(GoFormat.PrintLine(arguments)),
        "printf" => GoValue.Of(GoPrintf.Format(((GoString)GoCompare.Target(arguments[0])).Value, arguments.Skip(1).ToArray(), output)),
        "html" => GoValue.Of(GoEscapes.Html(GoFormat.PrintTargets(arguments))),
        "js" => GoValue.Of(GoEscapes.JavaScript(GoFormat.PrintTargets(arguments))),
        "urlquery" => GoValue.Of(GoEscapes.UrlQuery(GoFormat.PrintTargets(arguments))),
        _ => throw new GoProblem($"{arguments[0].TypeName} is not a function"),
    };

    private static long Length(GoValue value) => GoCompare.Target(value) switch
    {
        GoString text => GoBytes.Length(text.Value),
        GoList list => list.Items.Length,
        GoMap map => map.Entries.Length,
        GoPointer => throw new GoProblem("len of nil pointer"),
        GoNil => throw new GoProblem("len of nil"),
        var other => throw new GoProblem($"len of type {other.TypeName}"),
    };

    private static GoValue Index(IReadOnlyList<GoValue> arguments)
    {
        var value = arguments[0];
        if (value is GoNil) throw new GoProblem("index of untyped nil");
        for (var i = 1; i < arguments.Count; i++)
        {
            var target = GoCompare.Target(value);
            value = target switch
            {
                GoPointer or GoNil => throw new GoProblem("index of nil pointer"),
                GoList list => list.Items[Position(arguments[i], list.Items.Length)],
                GoString text => new GoInt(Encoding.UTF8.GetBytes(text.Value)[Position(arguments[i], GoBytes.Length(text.Value))], "uint8"),
                GoMap map when arguments[i] is GoString key => map.Find(key.Value) ?? Zero(map.ElementType),
                GoMap when arguments[i] is GoNil => throw new GoProblem("value is nil; should be of type string"),
                GoMap => throw new GoProblem($"value has type {arguments[i].TypeName}; should be string"),
                _ => throw new GoProblem($"can't index item of type {target.TypeName}"),
            };
        }

        return value;
    }

    /// <summary>What a key that is not there gives to <c>index</c>, other than to a field.</summary>
    private static GoValue Zero(string type) => type == "string" ? GoValue.Of("") : GoValue.Nil;

    private static int Position(GoValue index, int length) => index switch
    {
        GoInt number when number.Value >= 0 && number.Value < length => (int)number.Value,
        GoInt number => throw new GoProblem($"index out of range: {number.Value}"),
        GoNil => throw new GoProblem("cannot index slice/array with nil"),
        _ => throw new GoProblem($"cannot index slice/array with type {index.TypeName}"),
    };

    private static GoValue Slice(IReadOnlyList<GoValue> arguments)
    {
        var value = GoCompare.Target(arguments[0]);
        if (value is GoNil) throw new GoProblem("slice of untyped nil");
        if (arguments.Count > 4) throw new GoProblem($"too many slice indexes: {arguments.Count - 1}");
        if (value is GoString && arguments.Count == 4) throw new GoProblem("cannot 3-index slice a string");
        var length = value switch
        {
            GoString text => GoBytes.Length(text.Value),
            GoList list => list.Items.Length,
            _ => throw new GoProblem($"can't slice item of type {value.TypeName}"),
        };
        int[] ends = [0, length, length];
        for (var i = 1; i < arguments.Count; i++) ends[i - 1] = Position(arguments[i], length + 1);
        if (ends[0] > ends[1]) throw new GoProblem($"invalid slice index: {ends[0]} > {ends[1]}");
        if (ends[1] > ends[2]) throw new GoProblem($"invalid slice index: {ends[1]} > {ends[2]}");
        return value is GoList items
            ? new GoList(items.Items[ends[0]..ends[1]], items.ElementType)
            : GoValue.Of(GoBytes.Slice(((GoString)value).Value, ends[0], ends[1]));
    }
}
