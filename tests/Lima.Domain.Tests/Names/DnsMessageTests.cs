using System.Buffers.Binary;
using System.Net;
using FsCheck.Xunit;
using Lima.Domain.Names;
using Lima.Testing;

namespace Lima.Domain.Tests.Names;

public sealed class DnsMessageTests
{
    [Fact]
    public void A_question_is_read_with_its_case_and_the_largest_reply()
    {
        Assert.Equal(DnsCode.NoError, DnsQuery.Read(DnsQuestion.Of("WWW.Example.org", 28, id: 0xBEEF, size: 4096), out var query));
        Assert.Equal(("WWW.Example.org", 28, 0xBEEF, 1232), (query!.Name, query.Type, query.Id, query.UdpMax));
        Assert.Equal(DnsCode.NoError, DnsQuery.Read(DnsQuestion.Of("a"), out query));
        Assert.Equal(512, query!.UdpMax);
        Assert.Equal(DnsCode.NoError, DnsQuery.Read(DnsQuestion.Of("a", size: 100), out query));
        Assert.Equal(512, query!.UdpMax);
    }

    [Fact]
    public void What_is_no_question_is_told_so_or_not_answered()
    {
        var question = DnsQuestion.Of("example.org");
        Assert.Null(DnsQuery.Read([], out _));
        Assert.Null(DnsQuery.Read(question.AsSpan(0, 11), out _));
        Assert.Null(DnsQuery.Read(DnsQuestion.Reply(question), out _));
        Assert.Equal(DnsCode.FormErr, DnsQuery.Read(question.AsSpan(0, question.Length - 1), out _));
        Assert.Equal(DnsCode.NotImp, DnsQuery.Read(With(question, 2, 0x28), out _));
        Assert.Equal(DnsCode.FormErr, DnsQuery.Read(With(question, 5, 2), out _));
        Assert.Equal(DnsCode.FormErr, DnsQuery.Read(With(question, 12, 0xC0), out _));
        Assert.Equal(DnsCode.FormErr, DnsQuery.Read(With(question, 11, 1), out _));
        Assert.Equal(DnsCode.FormErr, DnsQuery.Read(With(question, 10, 0xFF), out _));
        Assert.Equal(DnsCode.FormErr, DnsQuery.Read(DnsQuestion.Of(string.Join('.', Enumerable.Repeat(new string('a', 63), 5))), out _));
    }

    [Theory]
    [InlineData("a b.org")]
    [InlineData("a\0b.org")]
    [InlineData("\u001b[31m.org")]
    public void A_name_with_bytes_that_no_name_of_ours_has_is_none_of_ours(string name)
    {
        Assert.Equal(DnsCode.NoError, DnsQuery.Read(DnsQuestion.Of(name), out var query));
        Assert.Null(query!.Name);
    }

    [Fact]
    public void A_dot_within_a_label_does_not_pass_for_one_between_labels()
    {
        var question = DnsQuestion.Of("host-lima.internal");
        question[12 + 5] = (byte)'.';
        Assert.Equal(DnsCode.NoError, DnsQuery.Read(question, out var query));
        Assert.Null(query!.Name);
    }

    [Fact]
    public void A_reply_leaves_out_what_does_not_fit_and_says_so()
    {
        var question = DnsQuestion.Of("many.example.org", size: 512);
        DnsQuery.Read(question, out var query);
        var records = Enumerable.Range(0, 100).Select(n => new DnsRecord.Address(null, new IPAddress([10, 0, 0, (byte)n]))).ToList();
        var reply = DnsReply.Write(question, query!, DnsCode.NoError, records, query!.UdpMax);
        Assert.InRange(reply.Length, 490, 512);
        Assert.StartsWith("1 cut 0; many.example.org. 5 1 10.0.0.0; ", DnsQuestion.Show(reply), StringComparison.Ordinal);
        Assert.Equal(100, BinaryPrimitives.ReadUInt16BigEndian(DnsReply.Write(question, query, DnsCode.NoError, records, 65535).AsSpan(6)));
    }

    [Fact]
    public void A_reply_of_another_server_loses_whole_records_at_its_end()
    {
        var question = DnsQuestion.Of("text.example.org", 16);
        var reply = DnsQuestion.Reply(question, DnsQuestion.Record(16, new byte[255]), DnsQuestion.Record(16, new byte[150]), DnsQuestion.Record(16, new byte[255]));
        Assert.Equal(reply.Length, DnsForwarded.Truncate(reply, reply.Length));
        var length = DnsForwarded.Truncate(reply, 512);
        var expected = DnsQuestion.Show(DnsQuestion.Reply(question, DnsQuestion.Record(16, new byte[255]), DnsQuestion.Record(16, new byte[150])));
        Assert.Equal(expected.Replace("1 0", "1 cut 0", StringComparison.Ordinal), DnsQuestion.Show(reply.AsSpan(0, length)));
    }

    [Fact]
    public void A_reply_is_that_to_the_question()
    {
        var question = DnsQuestion.Of("Example.org");
        var end = question.Length;
        Assert.True(DnsForwarded.IsReplyTo(DnsQuestion.Reply(DnsQuestion.Of("exAMPLE.org")), question, end));
        Assert.False(DnsForwarded.IsReplyTo(question, question, end));
        Assert.False(DnsForwarded.IsReplyTo(DnsQuestion.Reply(DnsQuestion.Of("example.org", id: 8)), question, end));
        Assert.False(DnsForwarded.IsReplyTo(DnsQuestion.Reply(DnsQuestion.Of("example.net")), question, end));
        Assert.False(DnsForwarded.IsReplyTo(DnsQuestion.Reply(DnsQuestion.Of("example.org", 28)), question, end));
        Assert.False(DnsForwarded.IsReplyTo([], question, end));
    }

    [Property(MaxTest = 2000)]
    public void Whatever_comes_is_read_without_harm(byte[] bytes, byte[] tail)
    {
        foreach (var message in (byte[][])[bytes, [.. DnsQuestion.Of("a.b")[..12], .. bytes], [.. DnsQuestion.Of("a.b", size: 512), .. tail], Mixed(bytes)])
        {
            if (DnsQuery.Read(message, out var query) is not { } code) continue;
            if (query is null)
            {
                Assert.Equal(12, DnsReply.Fault(message, code).Length);
                continue;
            }

            var decision = NameDecision.Of(query, NameTable.ForHost(new KnownVms(("web", "127.0.0.9"))));
            var reply = Assert.IsType<NameDecision.Reply>(decision);
            Assert.InRange(DnsReply.Write(message, query, reply.Code, reply.Records, query.UdpMax).Length, 12, query.UdpMax);
        }
    }

    [Property(MaxTest = 2000)]
    public void Whatever_a_server_replies_is_cut_without_harm(byte[] bytes, byte count)
    {
        byte[] reply = [.. DnsQuestion.Reply(DnsQuestion.Of("a.b"), [.. bytes, .. new byte[600]])];
        reply[7] = count;
        Assert.InRange(DnsForwarded.Truncate(reply, 512), 12, 512);
        byte[] wild = [.. new byte[12], .. bytes, .. new byte[600]];
        wild[5] = count;
        Assert.InRange(DnsForwarded.Truncate(wild, 512), 12, 512);
    }

    private static byte[] Mixed(byte[] bytes)
    {
        var message = DnsQuestion.Of("lima-web.internal", size: 4096);
        for (var n = 0; n + 1 < bytes.Length; n += 2) message[bytes[n] % message.Length] = bytes[n + 1];
        return message;
    }

    private static byte[] With(byte[] message, int at, byte value)
    {
        byte[] copy = [.. message];
        copy[at] = value;
        return copy;
    }
}
