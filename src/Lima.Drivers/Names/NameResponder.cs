using System.Net;
using Lima.Domain.Names;

namespace Lima.Drivers.Names;

/// <summary>
/// Answers questions of one asker or one kind of askers. What comes is not trusted: nothing in it makes this throw, and only so many
/// questions are looked into at once; more are answered that no answer can be had.
/// </summary>
/// <param name="table">What it knows by itself.</param>
/// <param name="names">This machine's resolver.</param>
/// <param name="upstream">Other servers.</param>
public sealed class NameResponder(NameTable table, IHostNames names, IUpstream upstream)
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private int _underWay;

    /// <summary>Answers a message; null when it is none that is to be answered.</summary>
    /// <param name="message">What came.</param>
    /// <param name="isUdp">Whether the reply has to fit in what the asker can take over UDP.</param>
    /// <param name="cancel">The asker is gone; then the task is cancelled.</param>
    public async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> message, bool isUdp, CancellationToken cancel)
    {
        if (DnsQuery.Read(message.Span, out var query) is not { } fault) return null;
        if (query is null) return DnsReply.Fault(message.Span, fault);
        var asked = new Asked(message, query, isUdp ? query.UdpMax : ushort.MaxValue);
        var decision = NameDecision.Of(query, table);
        if (decision is NameDecision.Reply known) return asked.Reply(known.Code, known.Records, known.IsOurs);
        if (Interlocked.Increment(ref _underWay) > AtOnce)
        {
            Interlocked.Decrement(ref _underWay);
            return asked.Reply(DnsCode.ServFail, []);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        try
        {
            return await LookUpAsync(asked, decision as NameDecision.Resolve, limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return asked.Reply(DnsCode.ServFail, []);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task<byte[]> LookUpAsync(Asked asked, NameDecision.Resolve? resolve, CancellationToken cancel)
    {
        if (resolve is not null && IsHostname(resolve.Name))
        {
            var found = await names.AddressesAsync(resolve.Name, resolve.Family, cancel);
            if (found is { Count: > 0 }) return asked.Reply(DnsCode.NoError, Records(resolve, found));
            // Only this server knows the way to that name, so nobody else can be asked.
            if (!resolve.Aliases.IsEmpty) return asked.Reply(found is null ? DnsCode.ServFail : DnsCode.NoError, found is null ? [] : resolve.Aliases);
        }

        if (await upstream.AskAsync(asked.Message, asked.Query.QuestionEnd, cancel) is not { } reply) return asked.Reply(DnsCode.ServFail, []);
        return reply[..DnsForwarded.Truncate(reply, asked.BytesMax)];
    }

    private static List<DnsRecord> Records(NameDecision.Resolve resolve, IReadOnlyList<IPAddress> found)
    {
        var owner = resolve.Aliases.IsEmpty ? null : resolve.Name;
        return [.. resolve.Aliases, .. found.Select(address => new DnsRecord.Address(owner, address))];
    }

    // What else there may be in a name is for name servers alone; the system's resolver might take it for something that it is not.
    private static bool IsHostname(string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') && !IPAddress.TryParse(name, out _);

    private sealed record Asked(ReadOnlyMemory<byte> Message, DnsQuery Query, int BytesMax)
    {
        public byte[] Reply(DnsCode code, IReadOnlyCollection<DnsRecord> records, bool isOurs = false) =>
            DnsReply.Write(Message.Span, Query, code, records, BytesMax, isOurs);
    }
}
