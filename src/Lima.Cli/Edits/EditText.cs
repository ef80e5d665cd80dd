using Lima.Cli.Output;
using Lima.Templates.Yq;

namespace Lima.Cli.Edits;

/// <summary>Applies expressions to the text of a template; comments and order stay.</summary>
internal static class EditText
{
    /// <summary>The text of a file that is to be edited.</summary>
    /// <exception cref="CliException">It cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot read `{path}`: {e.Message}", "name an instance or a file that you may read");
        }
    }

    /// <summary>The changed text; as it was for an empty expression.</summary>
    /// <exception cref="CliException">The expression is none, or does not fit the text.</exception>
    public static string Apply(string expression, string text, string source) =>
        YqText.Apply([expression], text, source, YqSecurity.Restricted, out var changed, out var problem)
            ? changed
            : throw new CliException(
                $"cannot apply the expression `{Printable.Line(expression)}`: {Printable.Line(problem)}", "see `limactl help yq-restrictions` for what expressions may do");
}
