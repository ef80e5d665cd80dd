using System.Text;

namespace Lima.Drivers.Images;

/// <summary>
/// The end of what a program said: at most twenty lines of at most a thousand characters, without control characters,
/// so that neither memory nor a terminal is at its mercy.
/// </summary>
internal sealed class LineTail
{
    private const int MostLines = 20;
    private const int LongestLine = 1000;
    private readonly Queue<string> _lines = new();

    /// <summary>The lines, oldest first.</summary>
    internal IReadOnlyCollection<string> Lines => _lines;

    /// <summary>The last line; a dash when nothing was said.</summary>
    internal string Last => _lines.LastOrDefault() ?? "-";

    /// <summary>Reads to the end.</summary>
    /// <param name="reader">Where the program writes to.</param>
    /// <param name="each">Gets each line as it comes.</param>
    /// <param name="cancel">Stops reading.</param>
    internal static async Task<LineTail> ReadAsync(TextReader reader, Action<string>? each, CancellationToken cancel)
    {
        var tail = new LineTail();
        var line = new StringBuilder();
        var buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer, cancel)) > 0;)
        {
            foreach (var character in buffer.AsSpan(0, read))
            {
                if (character == '\n') tail.End(line, each);
                else if (line.Length < LongestLine && !char.IsControl(character)) line.Append(character);
            }
        }

        tail.End(line, each);
        return tail;
    }

    private void End(StringBuilder line, Action<string>? each)
    {
        if (line.Length == 0) return;
        var text = line.ToString();
        line.Clear();
        _lines.Enqueue(text);
        if (_lines.Count > MostLines) _lines.Dequeue();
        each?.Invoke(text);
    }
}
