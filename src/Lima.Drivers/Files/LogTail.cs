using System.Text;

namespace Lima.Drivers.Files;

/// <summary>Reads the end of a log for a message to users.</summary>
internal static class LogTail
{
    private const int BytesMax = 16 << 10;

    /// <summary>The last lines, at most <paramref name="lines"/>, without control characters; empty when there is no file.</summary>
    public static string Read(string path, int lines = 20)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Position = Math.Max(0, file.Length - BytesMax);
            var bytes = new byte[BytesMax];
            var got = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var text = Encoding.UTF8.GetString(bytes, 0, got).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return string.Join('\n', text.TakeLast(lines).Select(Printable));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    // A guest has ways to make QEMU print things; what it prints must not steer a terminal.
    private static string Printable(string line) => string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c));
}
