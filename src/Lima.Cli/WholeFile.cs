namespace Lima.Cli;

/// <summary>Writes files so that nobody ever sees a part of one.</summary>
internal static class WholeFile
{
    /// <summary>Writes under another name, to the disk, and renames.</summary>
    /// <exception cref="IOException">It cannot be written; what was there is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not.</exception>
    public static void Write(string file, string text)
    {
        var temporary = $"{file}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
