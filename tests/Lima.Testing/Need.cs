using Xunit.Abstractions;

namespace Lima.Testing;

/// <summary>Says aloud when a test cannot run here, and why; a silent skip would look like a pass.</summary>
public static class Need
{
    /// <summary>True when every program is in PATH; else prints which is missing.</summary>
    public static bool Programs(ITestOutputHelper output, params ReadOnlySpan<string> programs)
    {
        foreach (var program in programs)
        {
            if (Which(program) is not null) continue;
            output.WriteLine($"SKIP: `{program}` is not installed");
            Console.WriteLine($"SKIP: `{program}` is not installed");
            return false;
        }

        return true;
    }

    /// <summary>Path of a directory found by walking up from the tests' own directory; null, with a printed reason, when absent.</summary>
    public static string? DirectoryAbove(ITestOutputHelper output, string relative)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var path = Path.Combine(at.FullName, relative);
            if (Directory.Exists(path)) return path;
        }

        output.WriteLine($"SKIP: no directory `{relative}` above the tests");
        Console.WriteLine($"SKIP: no directory `{relative}` above the tests");
        return null;
    }

    /// <summary>Full path of a program, or null.</summary>
    public static string? Which(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(["/usr/sbin", "/sbin"])
            .Where(directory => directory.Length > 0)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
}
