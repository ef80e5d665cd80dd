using FsCheck.Xunit;
using Lima.Domain.Agent;

namespace Lima.Domain.Tests.Agent;

public sealed class AgentParserTests
{
    [Theory]
    [InlineData(AgentSide.Host)]
    [InlineData(AgentSide.Guest)]
    public void Every_frame_of_a_session_comes_back_whole(AgentSide side)
    {
        var said = Run(side, [Encoded.Session(side)]);
        Assert.Equal(["synced", .. Encoded.All.Where(s => side.MaySend(s.Type)).Select(Text)], said);
    }

    [Property(MaxTest = 500)]
    public bool However_the_bytes_are_cut_the_frames_are_the_same(ushort[] cuts, bool guest, byte[] before)
    {
        var side = guest ? AgentSide.Guest : AgentSide.Host;
        byte[] all = [.. before, .. new byte[100], .. Encoded.Session(side), .. before, .. new byte[40], .. Encoded.Session(side)];
        var whole = Run(side, [all]);
        return whole.Count(s => s == "synced") == 2 && whole.SequenceEqual(Run(side, Cut(all, cuts))) && whole.SequenceEqual(Run(side, all.Select(b => new[] { b })));
    }

    [Fact]
    public void The_largest_frame_comes_back_in_pieces_too()
    {
        var sample = new Sample(AgentFrameType.Data, 2, [.. Enumerable.Range(0, AgentProtocol.PayloadMax).Select(i => (byte)(i * 7))], _ => true);
        var bytes = Encoded.Session([sample, sample]);
        Assert.Equal(["synced", Text(sample), Text(sample)], Run(AgentSide.Guest, bytes.Chunk(4097)));
    }

    [Fact]
    public void Padding_and_sync_word_end_whatever_half_frame_there_was()
    {
        var half = Encoded.Session([new Sample(AgentFrameType.Data, 2, new byte[AgentProtocol.PayloadMax], _ => true)]);
        for (var length = half.Length; length > 0; length -= length < 100 ? 1 : 997)
        {
            byte[] bytes = [.. half[..length], .. new byte[AgentProtocol.PaddingBytes], .. Encoded.Session(AgentSide.Host)];
            var said = Run(AgentSide.Host, [bytes]);
            Assert.Equal("Hello", said[said.LastIndexOf("synced") + 1].Split(' ')[0]);
            Assert.Equal(Text(Encoded.All[^4]), said[^1]);
        }
    }

    [Fact]
    public void A_sync_word_in_place_of_a_header_begins_anew()
    {
        byte[] bytes = [.. Encoded.Session(AgentSide.Guest), .. Encoded.Session(AgentSide.Guest)];
        var said = Run(AgentSide.Guest, [bytes]);
        Assert.Equal(2, said.Count(s => s == "synced"));
        Assert.Single(said, s => s == "failed BadMagic");
    }

    [Theory]
    [InlineData("000000000000000000000000" + "00000000", AgentError.BadMagic)]
    [InlineData("4C4D0000000000000000000000000000", AgentError.BadType)]
    [InlineData("4C4D1800000000000000000000000000", AgentError.BadType)]
    [InlineData("4C4DFF00000000000000000000000000", AgentError.BadType)]
    [InlineData("4C4D0700000000000200000000000000", AgentError.BadType)] // OPEN is the host's
    [InlineData("4C4D0301000000000000000000000000", AgentError.BadFlags)]
    [InlineData("4C4D0300010000000000000008000000", AgentError.BadSequence)]
    [InlineData("4C4D0A00000000000000000000000000", AgentError.BadStream)] // DATA of no stream
    [InlineData("4C4D0300000000000200000008000000", AgentError.BadStream)] // PING of a stream
    [InlineData("4C4D0A00000000000200000001800000", AgentError.TooLong)]
    [InlineData("4C4D0A000000000002000000FFFFFFFF", AgentError.TooLong)]
    public void Headers_that_are_none_are_refused(string hex, AgentError error)
    {
        byte[] bytes = [.. AgentProtocol.SyncWord, .. Convert.FromHexString(hex), 1, 2, 3];
        Assert.Equal(["synced", $"failed {error}"], Run(AgentSide.Guest, [bytes]));
    }

    [Fact]
    public void Nothing_but_the_sync_word_begins_a_session()
    {
        var word = AgentProtocol.SyncWord.ToArray();
        Assert.Equal(word.Length, word.Distinct().Count());
        for (var cut = 0; cut < word.Length; cut++)
        {
            Assert.Empty(Run(AgentSide.Guest, [[.. word[..cut], .. Encoded.Session(AgentSide.Guest)[16..]]]));
            // A word that broke off directly before the whole one.
            Assert.Equal("synced", Run(AgentSide.Guest, [[.. word[..cut], .. word]]).Single());
        }
    }

    [Property(MaxTest = 500)]
    public void Any_bytes_give_frames_or_failures_and_hold_no_more_than_one_frame(byte[][] pieces, byte[] changes, bool guest)
    {
        var side = guest ? AgentSide.Guest : AgentSide.Host;
        var session = Encoded.Session(side);
        for (var i = 0; i + 1 < changes.Length; i += 2) session[(changes[i] * 257 + i) % session.Length] = changes[i + 1];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var parser = new AgentParser(side);
        foreach (var piece in pieces.Append(session).Append(session))
        {
            ReadOnlySpan<byte> rest = piece;
            while (parser.Next(ref rest, out _) != AgentStep.NeedsMore)
            {
                // On to the next.
            }

            Assert.True(rest.IsEmpty);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 * AgentProtocol.PayloadMax);
    }

    /// <summary>What the parser says of the pieces, in words.</summary>
    private static List<string> Run(AgentSide side, IEnumerable<byte[]> pieces)
    {
        var parser = new AgentParser(side);
        var said = new List<string>();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> rest = piece;
            while (true)
            {
                var step = parser.Next(ref rest, out var frame);
                if (step == AgentStep.NeedsMore) break;
                said.Add(step switch
                {
                    AgentStep.Synced => "synced",
                    AgentStep.Failed => $"failed {parser.Error}",
                    _ => $"{frame.Type} {frame.Stream} {Convert.ToHexString(frame.Payload)}",
                });
            }
        }

        return said;
    }

    private static string Text(Sample sample) => $"{sample.Type} {sample.Stream} {Convert.ToHexString(sample.Payload)}";

    private static IEnumerable<byte[]> Cut(byte[] all, ushort[] cuts)
    {
        var rest = all.AsMemory();
        foreach (var cut in cuts)
        {
            var count = Math.Min(cut % 97, rest.Length);
            yield return rest[..count].ToArray();
            rest = rest[count..];
        }

        yield return rest.ToArray();
    }
}
