namespace Lima.Host;

/// <summary>
/// One host for each home: a lock that the kernel holds for the living process and drops with it, so it cannot go stale.
/// </summary>
internal static class HostLock
{
    /// <summary>The lock, or null when another process has it.</summary>
    public static FileStream? TryTake(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            file.Flush();
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return file;
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
