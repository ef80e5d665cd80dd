namespace Lima.Domain.Names;

/// <summary>Types of records that are treated specially (RFC 1035, 3596, 6891); all others are just numbers.</summary>
public static class DnsType
{
    /// <summary>An IPv4 address.</summary>
    public const ushort A = 1;
    /// <summary>Another name of the same.</summary>
    public const ushort Cname = 5;
    /// <summary>An IPv6 address.</summary>
    public const ushort Aaaa = 28;
    /// <summary>No record of a name, but how large replies may be.</summary>
    public const ushort Opt = 41;
    /// <summary>The class of the internet, the only one in use.</summary>
    public const ushort ClassInternet = 1;
}

/// <summary>How an answer turned out (RFC 1035, 4.1.1).</summary>
public enum DnsCode
{
    /// <summary>The name exists; without records it has none of the type.</summary>
    NoError = 0,
    /// <summary>The question cannot be read.</summary>
    FormErr = 1,
    /// <summary>No answer could be had.</summary>
    ServFail = 2,
    /// <summary>There is no such name.</summary>
    NxDomain = 3,
    /// <summary>Something else than a question was asked for.</summary>
    NotImp = 4,
    /// <summary>This server does not answer that.</summary>
    Refused = 5,
}
