using System.Text;
using Lima.Templates.Yq;

namespace Lima.Cli.Yq;

/// <summary>The program <c>yq</c>: expressions of yq v4 against files or standard input.</summary>
internal static class YqProgram
{
    // Files of more than Lima's own limit for templates are refused where they are parsed; this only bounds reading.
    private const int BytesMax = (4 << 20) + 1;

    /// <summary>Whether a program's name, cut at its first dot, or its first word means yq.</summary>
    public static bool IsMeant(string name, IReadOnlyList<string> arguments) => name.Split('.')[0] == "yq" || arguments is ["yq", ..];

    /// <summary>Runs a command line of yq; prints errors as yq does.</summary>
    public static int Run(IReadOnlyList<string> arguments, CliWorld world)
    {
        try
        {
            return Run(YqFlags.Parse(arguments), world);
        }
        catch (CliException error)
        {
            world.Out.Flush();
            world.Error.Write($"Error: {error.Message}\n");
            return ExitCodes.Failure;
        }
    }

    private static int Run(YqOptions options, CliWorld world)
    {
        if (options.Help || options.Version)
        {
            world.Out.Write(options.Help ? YqHelp.Text : $"yq (the language of https://github.com/mikefarah/yq/, by limactl {CliApp.Version}) version v4.47.1\n");
            return ExitCodes.Success;
        }

        var (expression, files) = ExpressionAndFiles(options, world);
        if (options.InPlace && files is [] or ["-", ..]) throw new CliException("write in place flag only applicable when giving an expression and at least one file");
        if (options.NullInput && files.Count > 0) throw new CliException("cannot pass files in when using null-input flag");
        if (files.Count == 0 && !options.NullInput)
        {
            world.Out.Write(YqHelp.Text);
            return ExitCodes.Success;
        }

        var inputs = options.NullInput ? null : files.ConvertAll(file => new YqInput(file == "-" ? "-" : Path.Combine(world.WorkingDirectory, file), file, file == "-" ? ReadAll(world.In.Value, file) : ReadFile(world, file)));
        var run = new YqRun(expression, inputs, options.Input, options.Output)
        {
            Together = options.Together, Pretty = options.Pretty, Indent = options.Indent, Unwrap = options.Unwrap, Separators = !options.NoSeparators,
            CompactLists = options.CompactLists, NulOutput = options.NulOutput, Security = Security(options, world),
        };
        if (!run.TryEvaluate(out var text, out var found, out var problem)) throw new CliException(problem);
        if (options.InPlace) Replace(inputs![0].Path, text);
        else world.Out.Write(text);
        if (options.ExitStatus && !found) throw new CliException("no matches found");
        return ExitCodes.Success;
    }

    private static YqSecurity Security(YqOptions options, CliWorld world) =>
        new(options.DisableEnvironment ? null : world.Env, options.DisableFiles ? null : path => ReadFile(world, path));

    private static (string Expression, List<string> Files) ExpressionAndFiles(YqOptions options, CliWorld world)
    {
        var words = options.Words.ToList();
        bool IsFile(string word) => File.Exists(Path.Combine(world.WorkingDirectory, word));
        var expression = options.Expression ?? "";
        if (options.ExpressionFile is { } file) expression = ReadFile(world, file).Replace("\r\n", "\n", StringComparison.Ordinal);
        else if (expression.Length == 0 && words.Count > 0 && words[0] != "-" && !IsFile(words[0]))
        {
            expression = words[0];
            words.RemoveAt(0);
        }

        if (!options.NullInput && !world.InIsTerminal && words.Count == 0) words.Add("-");
        return (expression, words);
    }

    private static string ReadFile(CliWorld world, string file)
    {
        var path = Path.Combine(world.WorkingDirectory, file);
        try
        {
            using var reader = new StreamReader(path, new UTF8Encoding(false));
            return ReadAll(reader, file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException($"open {file}: no such file or directory");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"open {file}: {error.Message}");
        }
    }

    private static string ReadAll(TextReader reader, string file)
    {
        var text = new StringBuilder();
        var part = new char[8192];
        for (int count; (count = reader.Read(part, 0, part.Length)) > 0;)
        {
            text.Append(part, 0, count);
            if (text.Length > BytesMax) throw new CliException($"{file}: the file is larger than 4 MiB, the most that is read");
        }

        return text.ToString();
    }

    /// <summary>Replaces a file as a whole, its permissions kept; a symbolic link stays one.</summary>
    private static void Replace(string path, string text)
    {
        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            var temporary = $"{target}.{Environment.ProcessId}.tmp";
            try
            {
                using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = File.GetUnixFileMode(target) }))
                {
                    file.Write(new UTF8Encoding(false).GetBytes(text));
                    file.Flush(flushToDisk: true);
                }

                File.Move(temporary, target, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be written: {error.Message}");
        }
    }
}
