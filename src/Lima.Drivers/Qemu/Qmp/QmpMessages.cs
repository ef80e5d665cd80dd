using System.Text.Json;

namespace Lima.Drivers.Qemu.Qmp;

/// <summary>Something that QEMU said by itself.</summary>
/// <param name="Name">Name of the event (<c>SHUTDOWN</c>).</param>
/// <param name="Data">Its data; an empty object when it has none.</param>
public sealed record QmpEvent(string Name, JsonElement Data)
{
    /// <summary>A text member of the data; empty when absent or of another kind.</summary>
    public string Text(string member) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    /// <summary>A boolean member of the data; false when absent or of another kind.</summary>
    public bool Flag(string member) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;
}

/// <summary>Limits of a QMP connection.</summary>
public sealed record QmpOptions
{
    /// <summary>Longest wait for the greeting and for the end of the handshake.</summary>
    public TimeSpan GreetingLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for an answer, unless a command says otherwise.</summary>
    public TimeSpan CommandLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest line accepted, in bytes; a longer one ends the connection.</summary>
    public int LineBytesMax { get; init; } = 4 << 20;

    /// <summary>Events kept for a slow reader; beyond that the oldest are dropped.</summary>
    public int EventsMax { get; init; } = 1024;
}
