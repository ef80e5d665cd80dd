using System.Collections.Immutable;
using Lima.Templates.GoTemplates;

namespace Lima.Templates.Tests.GoTemplates;

/// <summary>Values of every kind, the same that Go was given when it made the expected texts.</summary>
internal static class GoData
{
    private const string Special = "héllo <&> \"q\" '世界' a=b\0";

    public static GoMap Root { get; } = new(new Dictionary<string, GoValue>
    {
        ["Name"] = GoValue.Of("vm"),
        ["N"] = GoValue.Of(3),
        ["Neg"] = GoValue.Of(-7),
        ["F"] = new GoFloat(2.5),
        ["Yes"] = GoValue.Of(true),
        ["No"] = GoValue.Of(false),
        ["Empty"] = GoValue.Of(""),
        ["L"] = List("string", GoValue.Of("a"), GoValue.Of("b"), GoValue.Of("c")),
        ["Ints"] = List("int", GoValue.Of(1), GoValue.Of(2), GoValue.Of(3)),
        ["LL"] = List("[]int", List("int", GoValue.Of(1)), List("int", GoValue.Of(2), GoValue.Of(3))),
        ["M"] = GoValue.Of(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }),
        ["Any"] = new GoMap(new Dictionary<string, GoValue> { ["x"] = GoValue.Of(1), ["nil"] = GoValue.Nil }),
        ["S"] = Struct(),
        ["PS"] = new GoPointer(Struct(), "main.T"),
        ["PB"] = new GoPointer(GoValue.Of(false), "bool"),
        ["PN"] = new GoPointer(null, "string"),
        ["PStr"] = new GoPointer(GoValue.Of("p%v"), "string"),
        ["PL"] = new GoPointer(List("string", GoValue.Of("p")), "[]string"),
        ["Nil"] = GoValue.Nil,
        ["U"] = GoValue.Of(Special),
        ["NilL"] = new GoList([], "string", isNil: true),
        ["NilM"] = new GoMap([], "string", isNil: true),
        ["U8"] = new GoInt(3, "uint8"),
    });

    /// <summary>The output for <see cref="Root"/>; there must be no problem.</summary>
    public static string Execute(string text, IReadOnlyDictionary<string, GoFunction>? functions = null, GoValue? data = null)
    {
        Assert.True(GoTemplate.TryParse(text, "main", out var template, out var problem, functions), problem);
        Assert.True(template.TryExecute(data ?? Root, out var result, out problem), problem);
        Assert.Equal("", problem);
        return result;
    }

    /// <summary>The problem, which there must be, with reading or executing.</summary>
    public static string Problem(string text, IReadOnlyDictionary<string, GoFunction>? functions = null, GoValue? data = null)
    {
        var result = "";
        Assert.False(
            GoTemplate.TryParse(text, "main", out var template, out var problem, functions) && template.TryExecute(data ?? Root, out result, out problem),
            $"{text} gives {result}");
        Assert.Equal("", result);
        return problem;
    }

    private static GoList List(string type, params ImmutableArray<GoValue> items) => new(items, type);

    private static GoStruct Struct() => new("main.T",
    [
        new("A", "a", false, GoValue.Of("x")),
        new("B", "b", true, GoValue.Of(2)),
        new("P", "p", true, new GoPointer(null, "string")),
        new("In", "in", false, new GoStruct("main.In", [new("X", "x", false, GoValue.Of("in"))])),
        new("L", "l", false, new GoList([], "string", isNil: true)),
        new("Emb", "Emb", false, new GoStruct("main.Emb", [new("E", "e", false, GoValue.Of("e"))]), Embedded: true),
    ]);
}
