using Lima.Templates.Yq;

namespace Lima.Cli.Output;

/// <summary>Expressions of yq over what commands print. They see nothing of this machine but that.</summary>
internal static class Query
{
    /// <summary>JSON to JSON.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="json">One value.</param>
    /// <param name="indent">Blanks a level; 0 for one line a result.</param>
    /// <exception cref="CliException">The expression is none, or does not fit.</exception>
    public static string Json(string expression, string json, int indent) =>
        Run(new YqRun(expression, [new YqInput("-", "-", json)], "json", "json") { Indent = indent, Unwrap = false }, expression);

    /// <summary>YAML to YAML.</summary>
    /// <inheritdoc cref="Json"/>
    public static string Yaml(string expression, string yaml) =>
        Run(new YqRun(expression, [new YqInput("-", "-", yaml)], "yaml", "yaml"), expression);

    private static string Run(YqRun run, string expression) => run.TryEvaluate(out var text, out _, out var problem)
        ? text
        : throw new CliException($"cannot evaluate the expression `{Printable.Line(expression)}`: {Printable.Line(problem)}");
}
