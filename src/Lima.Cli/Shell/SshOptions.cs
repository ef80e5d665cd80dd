namespace Lima.Cli.Shell;

/// <summary>The options of an instance's <c>ssh.config</c>, and the ways to write them.</summary>
internal static class SshOptions
{
    /// <summary>The formats there are.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["cmd", "args", "options", "config"];

    /// <summary>Reads <c>Key=Value</c> for each line below <c>Host</c>, values as they are written.</summary>
    /// <exception cref="CliException">There is no such file yet.</exception>
    public static IReadOnlyList<string> Read(string path, string name)
    {
        try
        {
            // Split at line feeds alone: a carriage return inside a value is to be noticed, not taken for an end.
            return [.. File.ReadAllText(path).Split('\n').Select(line => line.TrimStart(' ', '\t')).Where(IsOption).Select(Option)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException($"instance `{name}` was never started, so there is no `{path}` yet", $"start it: `limactl start {name}`");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot read `{path}`: {e.Message}");
        }
    }

    /// <summary>Writes options in a format, with a line feed at the end.</summary>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="alias">Host alias.</param>
    /// <param name="options"><c>Key=Value</c>.</param>
    /// <exception cref="CliException">The format is unknown, or a value has a line break: it could smuggle in options of its own.</exception>
    public static string Text(string format, string alias, IReadOnlyList<string> options)
    {
        if (options.FirstOrDefault(option => option.AsSpan().IndexOfAny('\r', '\n') >= 0) is { } broken)
            throw new CliException($"ssh option `{Output.Printable.Line(broken)}` contains a line break", "correct the configuration of the instance, then start it anew");
        return format switch
        {
            "cmd" => $"ssh {Arguments(options)} {alias}\n",
            "args" => Arguments(options) + "\n",
            "options" => string.Concat(options.Select(option => option + "\n")),
            "config" => $"Host {alias}\n" + string.Concat(options.Select(option => $"  {option[..option.IndexOf('=')]} {option[(option.IndexOf('=') + 1)..]}\n")),
            _ => throw CliException.Usage($"unknown format: `{format}`", $"use one of {string.Join(", ", Formats)}"),
        };
    }

    // The shell must not swallow the quotes that OpenSSH is to see.
    private static string Arguments(IEnumerable<string> options) =>
        string.Join(' ', options.Select(option => "-o " + (option.Contains('"') || option.Contains(' ') ? $"'{option}'" : option)));

    private static bool IsOption(string line) =>
        line.Length > 0 && line[0] != '#' && !line.StartsWith("Host ", StringComparison.OrdinalIgnoreCase) && line.IndexOfAny([' ', '=']) > 0;

    private static string Option(string line)
    {
        var at = line.IndexOfAny([' ', '=']);
        return $"{line[..at]}={line[(at + 1)..].Trim(' ')}";
    }
}
