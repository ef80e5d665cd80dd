namespace Lima.Templates.Tests.Yq;

/// <summary>A row of a corpus file: what an expression makes of an input.</summary>
/// <param name="Name">File and line, for messages.</param>
/// <param name="Input">YAML.</param>
/// <param name="Expression">Expression.</param>
/// <param name="Expected">What is printed; after <c>error:</c> a part of the message.</param>
public sealed record YqRow(string Name, string Input, string Expression, string Expected);

/// <summary>Reads corpus files: blocks of an input, lines of <c>&gt;&gt;&gt; expression</c> and their output.</summary>
internal static class YqCorpus
{
    /// <summary>
    /// A line <c>=== input</c> begins an input, a line <c>&gt;&gt;&gt; expression</c> an expression against it, whose output
    /// follows up to the next such line. Lines that begin with <c>~</c> are remarks.
    /// </summary>
    public static IEnumerable<YqRow> Read(string path)
    {
        var (input, expression, at) = (new List<string>(), (string?)null, 0);
        var output = new List<string>();
        var inInput = false;
        var number = 0;
        foreach (var line in File.ReadAllLines(path).Append("==="))
        {
            number++;
            var starts = line.StartsWith("===", StringComparison.Ordinal) || line.StartsWith(">>> ", StringComparison.Ordinal);
            if (starts && expression is not null) yield return new YqRow($"{Path.GetFileName(path)}:{at}", Text(input), expression, Text(output));
            if (starts) (expression, output) = (null, []);
            if (line.StartsWith("===", StringComparison.Ordinal)) (input, inInput) = ([], true);
            else if (line.StartsWith(">>> ", StringComparison.Ordinal)) (expression, at, inInput) = (line[4..], number, false);
            else if (!line.StartsWith('~')) (inInput ? input : output).Add(line);
        }
    }

    private static string Text(List<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
