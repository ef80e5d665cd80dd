using System.Diagnostics.CodeAnalysis;
using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Yq.Formats;

namespace Lima.Templates.Yq;

/// <summary>A run of yq over texts: what its command line asks for, without files and terminals.</summary>
/// <param name="expression">The expression; empty for the identity.</param>
/// <param name="inputs">The texts; null to begin with nothing (<c>-n</c>).</param>
/// <param name="input">Name of the input format, or <c>auto</c>.</param>
/// <param name="output">Name of the output format, or <c>auto</c>.</param>
public sealed class YqRun(string expression, IReadOnlyList<YqInput>? inputs, string input, string output)
{
    private const string Plain = " | (... | (select(tag != \"!!str\"), select(tag == \"!!str\") | select(test(\"(?i)^(y|yes|n|no|on|off)$\") | not))) style=\"\"";

    /// <summary>Whether all documents are evaluated at once.</summary>
    public bool Together { get; init; }

    /// <summary>Whether styles are dropped.</summary>
    public bool Pretty { get; init; }

    /// <summary>Spaces a level.</summary>
    public int Indent { get; init; } = 2;

    /// <summary>Whether scalars are printed without quotes; null for what the format usually does.</summary>
    public bool? Unwrap { get; init; }

    /// <summary>Whether <c>---</c> stands between documents.</summary>
    public bool Separators { get; init; } = true;

    /// <summary>Whether lists are not indented below their key.</summary>
    public bool CompactLists { get; init; }

    /// <summary>Whether a NUL character ends every result, instead of a line feed.</summary>
    public bool NulOutput { get; init; }

    /// <summary>What the expression may reach.</summary>
    public YqSecurity Security { get; init; } = YqSecurity.Restricted;

    /// <summary>Evaluates; false, with the reason, when that is not possible.</summary>
    /// <param name="text">What is to be printed.</param>
    /// <param name="found">Whether the last result is there and neither null nor false.</param>
    /// <param name="problem">The reason.</param>
    public bool TryEvaluate([NotNullWhen(true)] out string? text, out bool found, [NotNullWhen(false)] out string? problem)
    {
        (text, found, problem) = (null, false, null);
        var whole = Pretty ? (expression.Length == 0 ? "." : expression) + Plain : expression;
        if (!YqExpression.TryParse(whole, out var parsed, out problem)) return false;
        try
        {
            var (from, to) = Formats();
            var results = parsed.Run(Documents(from), Security, Together, CancellationToken.None);
            found = results.Count > 0 && results[^1].Tag != DocTags.Null && !(results[^1].Tag == DocTags.Bool && results[^1].Value == "false");
            text = Print(results, to);
            return true;
        }
        catch (YqException error)
        {
            problem = error.Message;
            return false;
        }
    }

    private (YqFormat From, YqFormat To) Formats()
    {
        var named = inputs is [{ } first, ..] && first.Name != "-" ? YqFormats.OfFile(first.Name) : YqFormat.Yaml;
        var automatic = input is "auto" or "a" or "";
        var from = automatic ? named : Format(input);
        // With a format given for the input, yq keeps to YAML for the output.
        var to = output is "auto" or "a" or "" ? automatic ? named : YqFormat.Yaml : Format(output);
        return (from, to);
    }

    private static YqFormat Format(string name) => YqFormats.Parse(name, out var problem) ?? throw new YqException(problem);

    private List<DocFile> Documents(YqFormat from)
    {
        if (inputs is null) return [new DocFile(new DocNode { Tag = DocTags.Null })];
        var documents = new List<DocFile>();
        for (var i = 0; i < inputs.Count; i++)
        {
            var read = YqFormats.Read(inputs[i].Text, inputs[i].Name, from);
            foreach (var document in read) document.Root.FileIndex = i;
            documents.AddRange(read);
        }

        return documents;
    }

    private string Print(List<DocNode> results, YqFormat to)
    {
        var printer = new YqPrinter(new YqPrinting(to, Indent, Unwrap, Separators) { Layout = DocFormat.Yq with { IndentSequences = !CompactLists } });
        if (!NulOutput) return printer.Print(results);
        var text = new StringBuilder();
        foreach (var result in results)
        {
            var one = printer.Print([result]);
            if (one.Contains('\0')) throw new YqException("can't serialise value because it contains NUL char and you are using NUL separated output");
            text.Append(one.EndsWith('\n') ? one[..^1] : one).Append('\0');
        }

        return text.ToString();
    }
}
