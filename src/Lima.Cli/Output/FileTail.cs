using System.Text;

namespace Lima.Cli.Output;

/// <summary>The end of a log file, safe to print.</summary>
internal static class FileTail
{
    private const int Window = 64 * 1024;

    /// <summary>
    /// The last <paramref name="count"/> non-empty lines, not looking before byte <paramref name="from"/>, every control
    /// character escaped. Empty when the file is missing or unreadable: a tail only illustrates another message.
    /// </summary>
    public static IReadOnlyList<string> Lines(string path, int count, long from = 0)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(Math.Max(Math.Min(from, file.Length), file.Length - Window), SeekOrigin.Begin);
            var bytes = new byte[Window];
            var length = file.ReadAtLeast(bytes, Window, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(bytes, 0, length)
                .Split('\n')
                .Select(line => line.TrimEnd('\r'))
                .Where(line => !string.IsNullOrWhiteSpace(line))
                .TakeLast(count)
                .Select(line => Printable.Line(line, 300))
                .ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
