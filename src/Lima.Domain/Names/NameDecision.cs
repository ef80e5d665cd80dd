using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Lima.Domain.Names;

/// <summary>What is to be done with a question.</summary>
public abstract record NameDecision
{
    private NameDecision()
    {
    }

    /// <summary>It is answered at once.</summary>
    /// <param name="Code">How it turned out.</param>
    /// <param name="Records">The answer.</param>
    /// <param name="IsOurs">Whether this server is the authority for it.</param>
    public sealed record Reply(DnsCode Code, ImmutableArray<DnsRecord> Records, bool IsOurs = false) : NameDecision;

    /// <summary>The host's system is asked for addresses of a name; when it knows none, other servers are.</summary>
    /// <param name="Name">Whose addresses.</param>
    /// <param name="Family">Which ones.</param>
    /// <param name="Aliases">What leads from the question to that name; empty when it is the name that was asked for.</param>
    public sealed record Resolve(string Name, AddressFamily Family, ImmutableArray<DnsRecord> Aliases) : NameDecision;

    /// <summary>Other servers are asked, with the message as it is.</summary>
    public sealed record Forward : NameDecision;

    /// <summary>Decides.</summary>
    public static NameDecision Of(DnsQuery query, NameTable table)
    {
        if (query.Name is not { } name || query.Class != DnsType.ClassInternet) return Elsewhere(table);
        var key = NameTable.Canonical(name);
        if (StaticValue(table, key) is { } value) return OfStatic(query, table, key, value);
        if (VmZone.Find(name, table.Vms.Names) is { } found) return OfVm(query, table, found);
        return IsAddress(query) ? OfAddress(query, table, name, []) : Elsewhere(table);
    }

    private static NameDecision OfStatic(DnsQuery query, NameTable table, string key, string value)
    {
        var isAddress = IPAddress.TryParse(value, out var address);
        if (query.Type == DnsType.Cname) return Ours(isAddress ? [] : [new DnsRecord.Alias(null, value)]);
        if (!IsAddress(query)) return Elsewhere(table);
        if (Without(query, table)) return Ours([]);
        var aliases = ImmutableArray.CreateBuilder<DnsRecord>();
        HashSet<string> seen = [key];
        for (string? owner = null; !isAddress; isAddress = IPAddress.TryParse(value, out address))
        {
            aliases.Add(new DnsRecord.Alias(owner, value));
            owner = value;
            key = NameTable.Canonical(value);
            // A circle leads nowhere, and is not walked twice.
            if (!seen.Add(key)) return new Reply(DnsCode.ServFail, []);
            if (StaticValue(table, key) is { } next) value = next;
            else if (VmZone.Find(key, table.Vms.Names) is { } vm) return OfVm(query, table, vm, aliases.ToImmutable(), owner);
            else return OfAddress(query, table, owner, aliases.ToImmutable());
        }

        if (address!.AddressFamily == FamilyOf(query)) aliases.Add(new DnsRecord.Address(aliases is [.., DnsRecord.Alias last] ? last.Target : null, address));
        return Ours(aliases.ToImmutable());
    }

    private static NameDecision.Reply OfVm(DnsQuery query, NameTable table, VmZone.Found found, ImmutableArray<DnsRecord> aliases = default, string? owner = null)
    {
        if (aliases.IsDefault) aliases = [];
        if (found.IsDomain) return Ours(aliases);
        if (found.Vm.Length == 0 || table.Vms.AddressOf(found.Vm) is not { } address) return new Reply(DnsCode.NxDomain, aliases, IsOurs: true);
        var isWanted = IsAddress(query) && address.AddressFamily == FamilyOf(query) && !Without(query, table);
        return Ours(isWanted ? aliases.Add(new DnsRecord.Address(owner, address)) : aliases);
    }

    private static NameDecision OfAddress(DnsQuery query, NameTable table, string name, ImmutableArray<DnsRecord> aliases) =>
        !table.AsksOthers ? new Reply(DnsCode.Refused, [])
        : Without(query, table) ? new Reply(DnsCode.NoError, aliases)
        : new Resolve(name, FamilyOf(query), aliases);

    private static NameDecision Elsewhere(NameTable table) => table.AsksOthers ? new Forward() : new Reply(DnsCode.Refused, []);

    private static Reply Ours(ImmutableArray<DnsRecord> records) => new(DnsCode.NoError, records, IsOurs: true);

    // One that is given for itself says nothing.
    private static string? StaticValue(NameTable table, string key) =>
        table.Hosts.TryGetValue(key, out var value) && value.Length > 0 && NameTable.Canonical(value) != key ? value : null;

    private static bool IsAddress(DnsQuery query) => query.Type is DnsType.A or DnsType.Aaaa;

    private static bool Without(DnsQuery query, NameTable table) => query.Type == DnsType.Aaaa && !table.Ipv6;

    private static AddressFamily FamilyOf(DnsQuery query) => query.Type == DnsType.A ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
}
