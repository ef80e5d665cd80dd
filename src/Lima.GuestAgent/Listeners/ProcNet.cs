using System.Buffers.Binary;
using System.Globalization;

namespace Lima.GuestAgent.Listeners;

/// <summary>Reads what listens from <c>/proc/net</c>, for kernels that do not say it by netlink.</summary>
internal sealed class ProcNet(string directory = "/proc/net") : IListenerSource
{
    private static readonly (string File, bool IsUdp)[] Files = [("tcp", false), ("tcp6", false), ("udp", true), ("udp6", true)];

    /// <inheritdoc/>
    public ListeningSet? Look()
    {
        List<Listening> found = [];
        foreach (var (file, isUdp) in Files)
        {
            try
            {
                foreach (var line in File.ReadLines(Path.Combine(directory, file)))
                    if (Parse(line, isUdp) is { } one) found.Add(one);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // A kernel without IPv6 has no such file; the others count.
            }
        }

        return ListeningSet.Of(found);
    }

    public void Dispose()
    {
    }

    /// <summary>One line, such as <c>0: 0100007F:1F90 00000000:0000 0A …</c>; null when nothing listens there.</summary>
    public static Listening? Parse(ReadOnlySpan<char> line, bool isUdp)
    {
        Span<Range> words = stackalloc Range[5];
        if (line.Split(words, ' ', StringSplitOptions.RemoveEmptyEntries) < 5) return null;
        var wanted = isUdp ? SockDiagFormat.Unconnected : SockDiagFormat.Listen;
        if (!int.TryParse(line[words[3]], NumberStyles.AllowHexSpecifier, null, out var state) || state != wanted) return null;
        if (End(line[words[1]]) is not { } local || End(line[words[2]]) is not { Port: 0 } || local.Port == 0) return null;
        return local.IsNew ? Listening.OfNew(local.Port, isUdp, local.Address) : new Listening(local.Port, isUdp, false, local.Address);
    }

    private static (UInt128 Address, bool IsNew, ushort Port)? End(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (colon is not (8 or 32) || !ushort.TryParse(text[(colon + 1)..], NumberStyles.AllowHexSpecifier, null, out var port)) return null;
        UInt128 address = 0;
        for (var at = 0; at < colon; at += 8)
        {
            // Words of 32 bits, each in the order of bytes of the machine.
            if (!uint.TryParse(text.Slice(at, 8), NumberStyles.AllowHexSpecifier, null, out var word)) return null;
            address = address << 32 | (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word);
        }

        return (address, colon == 32, port);
    }
}
