namespace Lima.Drivers.Processes;

/// <summary>Finds programs as a shell would.</summary>
public static class Programs
{
    private const int Executable = 1;

    /// <summary>Absolute path of a program, looked up in PATH unless it has a slash; null when there is none that may be run.</summary>
    public static string? Find(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal)) return Runs(program) ? Path.GetFullPath(program) : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':')
            .Where(directory => directory.StartsWith('/'))
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(Runs);
    }

    private static bool Runs(string path) => File.Exists(path) && Native.Access(path, Executable) == 0;
}
