using Lima.Cli.Shell;

namespace Lima.Cli.Copying;

/// <summary>
/// One file for OpenSSH that knows every instance: <c>scp</c> takes a single one, and a copy between guests needs two hosts.
/// Its text never changes, so nobody can find it half written or out of date.
/// </summary>
internal static class AllInstances
{
    /// <summary>Path of the file; made when it is not there.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static string SshConfig(CliPaths paths)
    {
        var file = Path.Combine(paths.HostDirectory, "all-instances.ssh");
        var text = $"# Every instance of this home; for copies between them.\nInclude \"{paths.Home.Replace("\\", "\\\\").Replace("\"", "\\\"")}/*/ssh.config\"\n";
        try
        {
            if (File.Exists(file) && File.ReadAllText(file) == text) return file;
            Directory.CreateDirectory(paths.HostDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            WholeFile.Write(file, text);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot write `{file}`: {e.Message}");
        }
    }
}
