using System.Text;
using Lima.Templates.Yq;

namespace Lima.GuestAgent.Yq;

/// <summary>
/// <c>lima-guestagent yq FORMAT EXPRESSION-FILE PATH</c>: prints what a file becomes by an expression. A file that is not there
/// is made from nothing. It writes nothing itself: <c>provision.sh</c> does, as the owner of the file.
/// </summary>
internal static class YqCommand
{
    // What the language itself reads at most; this bounds the reading.
    private const int BytesMax = (4 << 20) + 1;

    /// <summary>Runs it; 0, or 1 with an error, or 2 for a wrong command line.</summary>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        if (arguments is not [var format, var expressionFile, var path]) return Usage(errors);
        try
        {
            var expression = Read(expressionFile);
            List<YqInput>? inputs = File.Exists(path) ? [new YqInput(path, path, Read(path))] : null;
            var chosen = Format(format, path, errors);
            var run = new YqRun(expression.Replace("\r\n", "\n", StringComparison.Ordinal), inputs, chosen, chosen);
            if (!run.TryEvaluate(out var text, out _, out var problem)) return Fail(errors, problem);
            output.Write(text);
            output.Flush();
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Fail(errors, error.Message);
        }
    }

    /// <summary>Says how it is used.</summary>
    public static int Usage(TextWriter errors)
    {
        errors.WriteLine("usage: lima-guestagent yq FORMAT EXPRESSION-FILE PATH");
        return 2;
    }

    /// <summary>The format by the file's name; one that is not there is named, instead of being taken for YAML.</summary>
    private static string Format(string format, string path, TextWriter errors)
    {
        if (format is not ("auto" or "a" or "")) return format;
        var ending = Path.GetExtension(path).TrimStart('.').ToLowerInvariant();
        if (ending is "csv" or "ini" or "json" or "properties" or "toml" or "tsv" or "xml" or "yaml" or "yml") return ending;
        errors.WriteLine($"the name of {path} says nothing of its format; it is taken for YAML");
        return "yaml";
    }

    private static string Read(string path)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(false));
        var text = new StringBuilder();
        var part = new char[8192];
        for (int count; (count = reader.Read(part, 0, part.Length)) > 0;)
        {
            text.Append(part, 0, count);
            if (text.Length > BytesMax) throw new IOException($"{path}: the file is larger than 4 MiB, the most that is read");
        }

        return text.ToString();
    }

    private static int Fail(TextWriter errors, string problem)
    {
        errors.WriteLine($"Error: {problem}");
        return 1;
    }
}
