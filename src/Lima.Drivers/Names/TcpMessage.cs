using System.Buffers.Binary;

namespace Lima.Drivers.Names;

/// <summary>Messages over TCP: each after its length in two bytes (RFC 1035, 4.2.2).</summary>
internal static class TcpMessage
{
    /// <summary>The next message; null at the end, and when it is larger than allowed.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, int bytesMax, CancellationToken cancel)
    {
        var length = new byte[2];
        if (await stream.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, cancel) < length.Length) return null;
        var bytes = BinaryPrimitives.ReadUInt16BigEndian(length);
        if (bytes > bytesMax) return null;
        var message = new byte[bytes];
        return await stream.ReadAtLeastAsync(message, bytes, throwOnEndOfStream: false, cancel) < bytes ? null : message;
    }

    /// <summary>Sends one.</summary>
    public static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        // In one piece: there are servers that read only once.
        var whole = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(whole, (ushort)message.Length);
        message.CopyTo(whole.AsMemory(2));
        await stream.WriteAsync(whole, cancel);
    }
}
