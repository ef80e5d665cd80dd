using System.Diagnostics.CodeAnalysis;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Expressions from text to text, as <c>--set</c> applies them to a template.</summary>
public static class YqText
{
    /// <summary>
    /// Applies expressions one after the other to YAML; comments and blank lines stay, and the result has Lima's layout.
    /// Without an expression the text comes back as it is. False, with the reason, when it cannot be done.
    /// </summary>
    /// <param name="expressions">Expressions; they are joined by pipes, and empty ones left out.</param>
    /// <param name="text">The YAML.</param>
    /// <param name="source">Its name for messages.</param>
    /// <param name="security">What the expressions may reach outside.</param>
    /// <param name="result">The changed text.</param>
    /// <param name="problem">The reason.</param>
    public static bool Apply(IEnumerable<string> expressions, string text, string source, YqSecurity security, [NotNullWhen(true)] out string? result, [NotNullWhen(false)] out string? problem)
    {
        (result, problem) = (null, null);
        var joined = string.Join(" | ", expressions.Where(expression => expression.Length > 0));
        if (joined.Length == 0)
        {
            result = text;
            return true;
        }

        if (!YqExpression.TryParse(joined, out var parsed, out problem)) return false;
        if (DocReader.Read(text, source, out var problems) is not { } documents)
        {
            problem = string.Join("\n", problems);
            return false;
        }

        try
        {
            result = new YqPrinter(new YqPrinting { Layout = DocFormat.Lima }).Print(parsed.Run(documents, security, together: true, CancellationToken.None));
            return true;
        }
        catch (YqException error)
        {
            problem = error.Message;
            return false;
        }
    }
}
