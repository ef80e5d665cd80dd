using System.Runtime.CompilerServices;
using System.Text;

namespace Lima.Cli.Client;

/// <summary>One server-sent event.</summary>
/// <param name="Name">Its kind.</param>
/// <param name="Data">Its text, JSON here.</param>
/// <param name="Id">Its id; null when it has none.</param>
internal sealed record ServerEvent(string Name, string Data, string? Id);

/// <summary>Reads a <c>text/event-stream</c>.</summary>
internal static class ServerEvents
{
    // A spec with large scripts may travel in an event; beyond this the stream is broken.
    private const int EventCharactersMax = 16 * 1024 * 1024;

    /// <summary>Yields events as they arrive, until the stream ends.</summary>
    /// <exception cref="IOException">The connection broke, or an event is larger than 16 Mi characters.</exception>
    public static async IAsyncEnumerable<ServerEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string name = "message", id = "";
        StringBuilder? data = null;
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null) yield return new ServerEvent(name, data.ToString(), id.Length > 0 ? id : null);
                (name, id, data) = ("message", "", null);
                continue;
            }

            var (field, value) = Split(line);
            switch (field)
            {
                case "event":
                    name = value;
                    break;
                case "id":
                    id = value;
                    break;
                case "data":
                    if (data is null) data = new StringBuilder();
                    else data.Append('\n');
                    data.Append(value);
                    if (data.Length > EventCharactersMax) throw new IOException("the host sent an event that is too large");
                    break;
            }
        }
    }

    // A line that begins with a colon is a comment, which hosts send to keep a connection alive.
    private static (string Field, string Value) Split(string line)
    {
        var colon = line.IndexOf(':');
        if (colon < 0) return (line, "");
        var value = line[(colon + 1)..];
        return (line[..colon], value.StartsWith(' ') ? value[1..] : value);
    }
}
