namespace Lima.Cli.Shell;

/// <summary>A program to become.</summary>
/// <param name="Program">Path of the program.</param>
/// <param name="Arguments">Its whole argument list, name included.</param>
public sealed record ExecRequest(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Variables that differ from our own environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Finds a program in <c>PATH</c>; a name with a slash is taken as it is.</summary>
    public static string? Find(string program, string? searchPath)
    {
        if (program.Contains('/')) return File.Exists(program) ? program : null;
        foreach (var directory in (searchPath ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Combine(directory, program);
            if (File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0) return path;
        }

        return null;
    }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
