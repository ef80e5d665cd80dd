using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Lima.Domain.PortForwarding;

/// <summary>
/// The addresses of VMs on the host's loopback: each has one, on which its ports are what they are in the guest. The name alone gives
/// it, so it is the same on every host and after every restart, and goes with a name that is given to another VM.
/// </summary>
public static class LoopbackAddresses
{
    // 127.64.0.0 to 127.127.255.255, away from the addresses that people choose by hand; what ends in 0 or 255 looks like no host's.
    private const int First = 64, Second = 64, Third = 256, Last = 254, Count = Second * Third * Last;

    /// <summary>
    /// The address of each name. Of names that come to the same one, the first in the order of their characters has it, the others take the
    /// next that is free.
    /// </summary>
    public static ImmutableSortedDictionary<string, string> Of(IEnumerable<string> names)
    {
        var taken = new HashSet<int>();
        var addresses = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var name in names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var place = Place(name);
            while (!taken.Add(place)) place = (place + 1) % Count;
            addresses[name] = Text(place);
        }

        return addresses.ToImmutable();
    }

    /// <summary>The address of one name among others.</summary>
    public static string Of(string name, IEnumerable<string> others) => Of(others.Append(name))[name];

    /// <summary>Whether an address is one that this gives.</summary>
    public static bool Contains(string ip) => ip.StartsWith("127.", StringComparison.Ordinal)
        && ip.Split('.') is [_, var second, _, _] && int.TryParse(second, out var number) && number is >= First and < First + Second;

    private static int Place(string name) =>
        (int)(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) % Count);

    private static string Text(int place) => $"127.{First + (place / (Third * Last))}.{place / Last % Third}.{1 + (place % Last)}";
}
