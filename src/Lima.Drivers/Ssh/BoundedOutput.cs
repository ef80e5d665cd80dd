using System.Text;

namespace Lima.Drivers.Ssh;

/// <summary>The beginning of a stream as text; what is beyond the bound is read and dropped, so that the writer never waits.</summary>
/// <param name="Text">At most so many bytes as allowed, decoded as UTF-8; a character cut in two is left out.</param>
/// <param name="Truncated">True when there was more.</param>
internal sealed record BoundedOutput(string Text, bool Truncated)
{
    /// <summary>No output.</summary>
    public static BoundedOutput Nothing { get; } = new("", Truncated: false);

    /// <summary>Reads to the end. Blocks.</summary>
    public static BoundedOutput Read(Stream stream, int bytesMax)
    {
        var buffer = new byte[16 * 1024];
        using var kept = new MemoryStream();
        var truncated = false;
        while (stream.Read(buffer, 0, buffer.Length) is var count and > 0)
        {
            var take = (int)Math.Min(count, bytesMax - kept.Length);
            kept.Write(buffer, 0, take);
            truncated |= take < count;
        }

        return new BoundedOutput(Decode(kept.GetBuffer().AsSpan(0, (int)kept.Length), whole: !truncated), truncated);
    }

    private static string Decode(ReadOnlySpan<byte> bytes, bool whole)
    {
        var decoder = Encoding.UTF8.GetDecoder();
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        return new string(characters, 0, decoder.GetChars(bytes, characters, flush: whole));
    }
}
