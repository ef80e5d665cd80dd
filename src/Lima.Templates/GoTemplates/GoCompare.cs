namespace Lima.Templates.GoTemplates;

/// <summary>Truth and order of values.</summary>
internal static class GoCompare
{
    /// <summary>What is behind pointers; the last pointer when it is nil.</summary>
    public static GoValue Target(GoValue value)
    {
        while (value is GoPointer { Target: { } inner }) value = inner;
        return value;
    }

    /// <summary>Whether a value counts as true: not zero, not empty, not nil. Structs always do, pointers when they point to anything.</summary>
    public static bool IsTrue(GoValue value) => value switch
    {
        GoBool truth => truth.Value,
        GoInt number => number.Value != 0,
        GoFloat number => number.Value != 0,
        GoString text => text.Value.Length > 0,
        GoList list => list.Items.Length > 0,
        GoMap map => map.Entries.Length > 0,
        GoPointer pointer => pointer.Target is not null,
        GoStruct => true,
        _ => false,
    };

    /// <summary>Whether the first argument equals any of the others.</summary>
    public static bool IsAnyEqual(IReadOnlyList<GoValue> arguments)
    {
        if (arguments.Count < 2) throw new GoProblem("missing argument for comparison");
        for (var i = 1; i < arguments.Count; i++)
        {
            if (IsEqual(arguments[0], arguments[i])) return true;
        }

        return false;
    }

    private static bool IsEqual(GoValue a, GoValue b)
    {
        switch (a, b)
        {
            case (GoBool x, GoBool y):
                return x.Value == y.Value;
            case (GoInt x, GoInt y):
                return x.Value == y.Value;
            case (GoFloat x, GoFloat y):
                return x.Value == y.Value;
            case (GoString x, GoString y):
                return x.Value == y.Value;
        }

        if (a is GoNil || b is GoNil) return IsNil(a) && IsNil(b);
        if (IsBasic(a) || IsBasic(b) || a.GetType() != b.GetType()) throw new GoProblem("incompatible types for comparison");
        if (IsNil(a) || IsNil(b)) return IsNil(a) == IsNil(b);
        if (a is GoPointer p && b is GoPointer q) return ReferenceEquals(p.Target, q.Target);
        throw new GoProblem($"non-comparable type {a.TypeName}");
    }

    private static bool IsBasic(GoValue value) => value is GoBool or GoInt or GoFloat or GoString;

    private static bool IsNil(GoValue value) => value is GoNil or GoPointer { Target: null } or GoList { IsNil: true } or GoMap { IsNil: true };

    public static bool IsLess(GoValue a, GoValue b) => (a, b) switch
    {
        (GoInt x, GoInt y) => x.Value < y.Value,
        (GoFloat x, GoFloat y) => x.Value < y.Value,
        (GoString x, GoString y) => GoBytes.Compare(x.Value, y.Value) < 0,
        (GoBool, GoBool) => throw new GoProblem("invalid type for comparison"),
        _ when IsBasic(a) && IsBasic(b) => throw new GoProblem("incompatible types for comparison"),
        _ => throw new GoProblem("invalid type for comparison"),
    };

    /// <summary>Less or equal, which of fractions that are no numbers is neither.</summary>
    public static bool IsLessOrEqual(GoValue a, GoValue b) => IsLess(a, b) || IsEqual(a, b);
}
