namespace Lima.Templates.GoTemplates;

/// <summary>
/// The functions that Lima adds for <c>limactl list --format</c>: <c>json</c>, <c>yaml</c>, <c>indent</c> and <c>missing</c>.
/// </summary>
public static class LimaFunctions
{
    private const int IndentUsual = 2;

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, GoFunction> All { get; } = new Dictionary<string, GoFunction>(StringComparer.Ordinal)
    {
        ["json"] = Json,
        ["yaml"] = Yaml,
        ["indent"] = Indent,
        ["missing"] = Missing,
    };

    private static bool Json(IReadOnlyList<GoValue> arguments, out GoValue result, out string problem) =>
        Of(arguments, GoJson.Write, out result, out problem);

    private static bool Yaml(IReadOnlyList<GoValue> arguments, out GoValue result, out string problem) =>
        Of(arguments, value => "---\n" + GoYaml.Write(value), out result, out problem);

    private static bool Of(IReadOnlyList<GoValue> arguments, Func<GoValue, string> write, out GoValue result, out string problem)
    {
        (result, problem) = (GoValue.Nil, "");
        if (arguments.Count != 1)
        {
            problem = $"takes one argument, got {arguments.Count}";
            return false;
        }

        try
        {
            result = new GoString(write(arguments[0]));
            return true;
        }
        catch (GoProblem found)
        {
            problem = found.Message;
            return false;
        }
    }

    private static bool Indent(IReadOnlyList<GoValue> arguments, out GoValue result, out string problem)
    {
        result = GoValue.Nil;
        if (!TryText(arguments, out var text, out problem)) return false;
        long size = IndentUsual;
        if (arguments.Count > 1)
        {
            if (arguments[0] is not GoInt { TypeName: "int", Value: >= 0 } number) problem = "optional first argument must be an integer, not negative";
            else size = number.Value;
        }

        var lines = text.Split('\n');
        if (problem.Length == 0 && size * (double)lines.Length > GoTemplate.OutputLengthMax) problem = "too much space";
        if (problem.Length > 0) return false;
        var space = new string(' ', (int)size);
        result = new GoString(string.Join('\n', lines.Select(line => line.Length > 0 ? space + line : "")));
        return true;
    }

    private static bool Missing(IReadOnlyList<GoValue> arguments, out GoValue result, out string problem)
    {
        result = GoValue.Nil;
        if (!TryText(arguments, out var text, out problem)) return false;
        var message = "<missing>";
        if (arguments.Count > 1)
        {
            if (arguments[0] is GoString own) message = own.Value;
            else problem = "optional first argument must be a string";
        }

        result = new GoString(text.Length > 0 ? text : message);
        return problem.Length == 0;
    }

    /// <summary>The last of one or two arguments.</summary>
    private static bool TryText(IReadOnlyList<GoValue> arguments, out string text, out string problem)
    {
        (text, problem) = ("", arguments.Count switch
        {
            0 => "takes at least one string argument",
            > 2 => "takes at most 2 arguments",
            _ when arguments[^1] is not GoString => "last argument must be a string",
            _ => "",
        });
        if (problem.Length == 0) text = ((GoString)arguments[^1]).Value;
        return problem.Length == 0;
    }
}
