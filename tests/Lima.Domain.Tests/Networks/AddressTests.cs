using System.Collections.Immutable;
using System.Net;
using Lima.Domain.Networks;

namespace Lima.Domain.Tests.Networks;

/// <summary>Addresses, what a network has of them, and who gets which.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("192.168.104.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("192.168.104", false)]
    [InlineData("192.168.104.256", false)]
    [InlineData("192.168.104.1 ", false)]
    [InlineData("192.168.104.+1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Addresses_are_four_numbers(string? text, bool isAddress)
    {
        Assert.Equal(isAddress, Ipv4.TryParse(text, out var address));
        if (!isAddress) return;
        Assert.Equal(text, address.ToString());
        Assert.Equal(IPAddress.Parse(text!), address);
    }

    [Theory]
    [InlineData("52:55:55:0a:0b:0c", "52:55:55:0a:0b:0c")]
    [InlineData("52-55-55-0A-0B-0C", "52:55:55:0a:0b:0c")]
    [InlineData("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff")]
    [InlineData("52:55:55:0a:0b", null)]
    [InlineData("52:55:55:0a:0b:0g", null)]
    [InlineData("52:55:55:0a:0b:00c", null)]
    [InlineData(null, null)]
    public void Cards_are_six_bytes(string? text, string? written)
    {
        Assert.Equal(written is not null, Mac.TryParse(text, out var mac));
        if (written is null) return;
        Assert.Equal(written, mac.ToString());
        var bytes = new byte[Mac.Size];
        mac.Write(bytes);
        Assert.Equal(mac, Mac.Read(bytes));
    }

    [Theory]
    [InlineData("192.168.104.1", "255.255.255.0", null, "192.168.104.2 192.168.104.3-192.168.104.254 /24")]
    [InlineData("192.168.104.77", null, "192.168.104.9", "192.168.104.2 192.168.104.3-192.168.104.9 /24")]
    [InlineData("10.1.2.3", "255.255.0.0", null, "10.1.0.2 10.1.0.3-10.1.255.254 /16")]
    [InlineData("10.0.0.9", "255.255.255.248", null, "10.0.0.10 10.0.0.11-10.0.0.14 /29")]
    public void A_network_has_a_gateway_and_addresses_to_give(string gateway, string? mask, string? end, string expected)
    {
        var plan = NetworkPlan.Of("n", gateway, mask, end, out var problem);
        Assert.Equal("", problem);
        Assert.Equal(expected, $"{plan!.Gateway} {plan.First}-{plan.Last} /{plan.Bits}");
    }

    [Theory]
    [InlineData(null, null, null, "network `n` needs a gateway")]
    [InlineData("fe80::1", null, null, "network `n` needs a gateway")]
    [InlineData("10.0.0.1", "255.0.255.0", null, "netmask of network `n` must be between")]
    [InlineData("10.0.0.1", "255.255.255.252", null, "netmask of network `n` must be between")]
    [InlineData("10.0.0.1", "x", null, "netmask of network `n` must be an IPv4 mask")]
    [InlineData("10.0.0.1", null, "10.0.1.9", "dhcpEnd of network `n` must be between 10.0.0.3 and 10.0.0.254")]
    [InlineData("10.0.0.1", null, "10.0.0.2", "dhcpEnd of network `n` must be between")]
    public void What_makes_no_network_is_said(string? gateway, string? mask, string? end, string expected)
    {
        Assert.Null(NetworkPlan.Of("n", gateway, mask, end, out var problem));
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_keeps_its_address_while_there_are_others()
    {
        var plan = NetworkPlan.Of("n", "10.0.0.1", "255.255.255.248", null, out _)!;
        var table = LeaseTable.Empty;
        var given = new List<string>();
        foreach (var card in (ulong[])[1, 2, 1, 3, 4])
        {
            (table, var address) = table.Take(new Mac(card), plan, ImmutableHashSet<Mac>.Empty);
            given.Add($"{card}={address}");
        }

        Assert.Equal(["1=10.0.0.3", "2=10.0.0.4", "1=10.0.0.3", "3=10.0.0.5", "4=10.0.0.6"], given);
        // All are given: now one of a card that is not there goes to the next.
        var (next, taken) = table.Take(new Mac(5), plan, new HashSet<Mac> { new(1), new(3), new(4) });
        Assert.Equal("10.0.0.4", taken.ToString());
        Assert.Null(next.Of(new Mac(2)));
        var (same, none) = next.Take(new Mac(6), plan, new HashSet<Mac> { new(1), new(3), new(4), new(5) });
        Assert.Null(none);
        Assert.Equal(next, same);
    }

    [Fact]
    public void Of_what_is_written_down_only_what_can_be_so_is_taken()
    {
        var plan = NetworkPlan.Of("n", "10.0.0.1", null, null, out _)!;
        var table = LeaseTable.Of(
            new Dictionary<string, string>
            {
                ["10.0.0.7"] = "52:55:55:00:00:07", ["10.0.0.2"] = "52:55:55:00:00:02", ["10.9.9.9"] = "52:55:55:00:00:09", ["x"] = "52:55:55:00:00:01",
                ["10.0.0.8"] = "x", ["10.0.0.9"] = "52:55:55:00:00:07",
            }, plan);
        Assert.Equal(["10.0.0.7=52:55:55:00:00:07"], table.Leases.Select(lease => $"{lease.Key}={lease.Value}"));
    }
}
