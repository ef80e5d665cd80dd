using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Lima.Drivers.Ssh;

/// <summary>A public key read from OpenSSH's one-line form.</summary>
/// <param name="Algorithm">Its kind (<c>ssh-ed25519</c>).</param>
/// <param name="Encoded">The key itself in Base64, which is what two lines of the same key have in common.</param>
internal sealed record PublicKey(string Algorithm, string Encoded)
{
    /// <summary>The key as it goes over the wire.</summary>
    public byte[] Blob() => Convert.FromBase64String(Encoded);

    /// <summary>Reads a line; false when it is not exactly one key, with or without a comment.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        if (line.Any(char.IsControl)) return false;
        var words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2) return false;
        var blob = new byte[words[1].Length];
        if (!Convert.TryFromBase64String(words[1], blob, out var length)) return false;
        if (!NamesItself(blob.AsSpan(0, length), words[0])) return false;
        key = new PublicKey(words[0], words[1]);
        return true;
    }

    // The blob begins with its algorithm once more, as a string with its length.
    private static bool NamesItself(ReadOnlySpan<byte> blob, string algorithm)
    {
        var name = Encoding.UTF8.GetBytes(algorithm);
        return blob.Length > sizeof(int) + name.Length
            && BinaryPrimitives.ReadInt32BigEndian(blob) == name.Length
            && blob[sizeof(int)..].StartsWith(name);
    }
}
