using System.Diagnostics;

namespace Lima.Architecture.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Paths, relative to the root, of all files that are kept (or about to be: not ignored).</summary>
    public static IReadOnlyList<string> Files { get; } = [.. ListFiles().Where(IsFile).Order(StringComparer.Ordinal)];

    /// <summary>C# files of the product.</summary>
    public static IEnumerable<string> Sources => Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>Every project file.</summary>
    public static IEnumerable<string> Projects => Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal));

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Links are left out: they may lead to where only a guest has something.</summary>
    private static bool IsFile(string relative) => new FileInfo(PathOf(relative)) is { Exists: true, LinkTarget: null };

    private static string FindRoot()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "LimaActors.sln")))
            at = Path.GetDirectoryName(at) ?? throw new InvalidOperationException("LimaActors.sln is in no directory above the tests");
        return at;
    }

    /// <summary>What git knows; in an unpacked archive, which has no git, everything that is no build output.</summary>
    private static IEnumerable<string> ListFiles()
    {
        if (Path.Exists(Path.Combine(Root, ".git")) && FromGit() is { Length: > 0 } files) return files;
        string[] output = ["bin", "obj", "out", "TestResults", ".git"];
        return Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !f.Split('/').Any(output.Contains));
    }

    private static string[] FromGit()
    {
        var info = new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root, RedirectStandardOutput = true,
        };
        try
        {
            using var git = Process.Start(info)!;
            var output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? output.Split('\0', StringSplitOptions.RemoveEmptyEntries) : [];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }
}
