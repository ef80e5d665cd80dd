namespace Lima.Domain.Agent;

/// <summary>
/// What host and guest agent have agreed on: frames over a byte stream that either side may lose and take up again. A frame is a
/// header of 16 bytes, little endian (u16 magic, u8 type, u8 flags = 0, u32 sequence, u32 stream, u32 length), and its payload.
/// </summary>
public static class AgentProtocol
{
    /// <summary>Newest version that this code speaks; of two sides the lower one counts.</summary>
    public const ushort Version = 1;

    /// <summary>Oldest version that this code speaks.</summary>
    public const ushort OldestVersion = 1;

    /// <summary>The version that a session with the other side speaks; null when there is none that both know.</summary>
    public static ushort? Common(ushort newestOfOther) => Math.Min(Version, newestOfOther) is var common && common >= OldestVersion ? common : null;

    /// <summary>First two bytes of a header.</summary>
    public const ushort Magic = 0x4D4C;

    /// <summary>Bytes of a header.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Most bytes of a payload.</summary>
    public const int PayloadMax = 32768;

    /// <summary>Zero bytes that the host sends before the sync word: they fill whatever half frame the guest has been left in.</summary>
    public const int PaddingBytes = PayloadMax + HeaderBytes;

    /// <summary>Most bytes of a stream that a receiver holds for a slow reader, and the window that it grants at most.</summary>
    public const uint WindowMax = 256 * 1024;

    /// <summary>Most listeners in one list; of more, those with the lowest ports are told.</summary>
    public const int ListenersMax = 1024;

    /// <summary>Datagrams that may wait for a slow reader; further ones are dropped.</summary>
    public const int DatagramsMax = 64;

    /// <summary>Most bytes of a text.</summary>
    public const int TextMax = 512;

    /// <summary>Most bytes of the text of a refusal.</summary>
    public const int ReasonMax = 256;

    /// <summary>A clock that is off by more is stepped.</summary>
    public const long ClockTolerance = 100_000_000;

    /// <summary>Name of the port, as QEMU is told and as the guest finds it under <c>/sys/class/virtio-ports</c>.</summary>
    public const string PortName = "io.lima-vm.guest_agent.0";

    /// <summary>Begins a session. No byte occurs twice, so that the search for it never has to look back, and none begins a header.</summary>
    public static ReadOnlySpan<byte> SyncWord => [0xC5, 0x1A, 0x9E, 0x37, 0xF2, 0x6B, 0xD8, 0x04, 0xA3, 0x7C, 0xE1, 0x52, 0xBD, 0x28, 0x96, 0x4F];
}
