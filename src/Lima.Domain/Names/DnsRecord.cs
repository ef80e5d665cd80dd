using System.Net;

namespace Lima.Domain.Names;

/// <summary>A record of an answer.</summary>
public abstract record DnsRecord
{
    private DnsRecord(string? owner) => Owner = owner;

    /// <summary>Whose record it is; null for the name that was asked for, which is then repeated as it was written.</summary>
    public string? Owner { get; }

    /// <summary>An address.</summary>
    public sealed record Address(string? Of, IPAddress Value) : DnsRecord(Of);

    /// <summary>Another name.</summary>
    public sealed record Alias(string? Of, string Target) : DnsRecord(Of);
}
