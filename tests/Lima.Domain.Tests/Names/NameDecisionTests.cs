using System.Collections.Immutable;
using Lima.Domain.Names;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Testing;

namespace Lima.Domain.Tests.Names;

public sealed class NameDecisionTests
{
    private static readonly ImmutableDictionary<string, string> Hosts = new Dictionary<string, string>
    {
        ["My.Domain.com"] = "192.168.0.23",
        ["my.host"] = "host.lima.internal",
        ["two.steps"] = "my.host.",
        ["six"] = "fd00::1",
        ["Dotted."] = "10.0.0.9",
        ["self.example.com"] = "self.example.com",
        ["cycle1.example.com"] = "cycle2.example.com",
        ["cycle2.example.com"] = "cycle1.example.com",
        ["away"] = "www.example.org",
        ["neighbour"] = "db.lima.internal",
        ["host.docker.internal"] = "host.lima.internal",
        ["empty"] = "",
    }.ToImmutableDictionary();

    private static readonly KnownVms Vms = new(("web", null), ("db", "192.168.104.7"), ("a.b_c", "192.168.104.8"));

    // Case 64 of Lima's own tests is among these, and what they leave open.
    [Theory]
    [InlineData("MY.DOMAIN.COM", 1, "0; MY.DOMAIN.COM. 5 1 192.168.0.23")]
    [InlineData("my.domain.com", 28, "0")]
    [InlineData("my.domain.com", 5, "0")]
    [InlineData("my.domain.com", 16, "forwarded")]
    [InlineData("dotted", 1, "0; dotted. 5 1 10.0.0.9")]
    [InlineData("my.host", 5, "0; my.host. 5 5 host.lima.internal.")]
    [InlineData("MY.HOST", 5, "0; MY.HOST. 5 5 host.lima.internal.")]
    [InlineData("My.Host", 1, "0; My.Host. 5 5 host.lima.internal.; host.lima.internal. 5 1 192.168.5.2")]
    [InlineData("two.steps", 1, "0; two.steps. 5 5 my.host.; my.host. 5 5 host.lima.internal.; host.lima.internal. 5 1 192.168.5.2")]
    [InlineData("host.docker.internal", 1, "0; host.docker.internal. 5 5 host.lima.internal.; host.lima.internal. 5 1 192.168.5.2")]
    [InlineData("self.example.com", 5, "forwarded")]
    [InlineData("self.example.com", 1, "self.example.com for InterNetwork")]
    [InlineData("cycle1.example.com", 5, "0; cycle1.example.com. 5 5 cycle2.example.com.")]
    [InlineData("cycle1.example.com", 1, "2")]
    [InlineData("away", 1, "www.example.org for InterNetwork after away. 5 5 www.example.org.")]
    [InlineData("six", 28, "0")]
    [InlineData("empty", 1, "empty for InterNetwork")]
    [InlineData("host.lima.internal", 1, "0; host.lima.internal. 5 1 192.168.5.2")]
    [InlineData("lima-web", 1, "0; lima-web. 5 1 192.168.5.15")]
    [InlineData("lima-web.internal", 1, "0; lima-web.internal. 5 1 192.168.5.15")]
    [InlineData("WEB.lima.internal", 1, "0; WEB.lima.internal. 5 1 192.168.5.15")]
    [InlineData("db.lima.internal", 1, "0; db.lima.internal. 5 1 192.168.104.7")]
    [InlineData("db.lima.internal", 16, "0")]
    [InlineData("lima-db.internal", 1, "0; lima-db.internal. 5 1 192.168.104.7")]
    [InlineData("neighbour", 1, "0; neighbour. 5 5 db.lima.internal.; db.lima.internal. 5 1 192.168.104.7")]
    [InlineData("a.b_c.lima.internal", 1, "0; a.b_c.lima.internal. 5 1 192.168.104.8")]
    [InlineData("a-b-c.lima.internal", 1, "0; a-b-c.lima.internal. 5 1 192.168.104.8")]
    [InlineData("nobody.lima.internal", 1, "3")]
    [InlineData("lima.internal", 1, "0")]
    [InlineData("lima-nobody.internal", 1, "lima-nobody.internal for InterNetwork")]
    [InlineData("metadata.google.internal", 1, "metadata.google.internal for InterNetwork")]
    [InlineData("example.org", 1, "example.org for InterNetwork")]
    [InlineData("example.org", 28, "0")]
    [InlineData("example.org", 15, "forwarded")]
    [InlineData("", 2, "forwarded")]
    public void A_guest_is_answered(string name, ushort type, string expected) =>
        Assert.Equal(expected, Decide(Guest(ipv6: false), DnsQuestion.Of(name, type)));

    [Theory]
    [InlineData("six", 28, "0; six. 5 28 fd00::1")]
    [InlineData("six", 1, "0")]
    [InlineData("my.domain.com", 28, "0")]
    [InlineData("example.org", 28, "example.org for InterNetworkV6")]
    public void With_ipv6_a_guest_is_answered(string name, ushort type, string expected) =>
        Assert.Equal(expected, Decide(Guest(ipv6: true), DnsQuestion.Of(name, type)));

    [Theory]
    [InlineData("web.lima.internal", 1, "3")]
    [InlineData("db.lima.internal", 1, "0; db.lima.internal. 5 1 192.168.104.7")]
    [InlineData("LIMA-DB.internal", 1, "0; LIMA-DB.internal. 5 1 192.168.104.7")]
    [InlineData("db.lima.internal", 28, "0")]
    [InlineData("host.lima.internal", 1, "0; host.lima.internal. 5 1 127.0.0.1")]
    [InlineData("example.org", 1, "5")]
    [InlineData("example.org", 16, "5")]
    [InlineData("lima-nobody.internal", 1, "5")]
    public void The_host_is_answered_about_instances_alone(string name, ushort type, string expected) =>
        Assert.Equal(expected, Decide(NameTable.ForHost(Vms), DnsQuestion.Of(name, type)));

    [Fact]
    public void Questions_of_other_classes_are_not_ours() =>
        Assert.Equal("forwarded", Decide(Guest(ipv6: false), DnsQuestion.Of("my.domain.com", 1, @class: 3)));

    [Theory]
    [InlineData("a-b.lima.internal", "a-b")]
    [InlineData("A.B.lima.internal", "a.b")]
    [InlineData("a_b.lima.internal", "")]
    [InlineData("Dev.lima.internal", "Dev")]
    [InlineData("dev.lima.internal", "dev")]
    [InlineData("DEV.lima.internal", "")]
    [InlineData("x-y.lima.internal", "x_y")]
    [InlineData("a.b.c.lima.internal", "")]
    public void The_closest_instance_is_meant_and_none_where_that_is_not_clear(string name, string vm) =>
        Assert.Equal(vm, VmZone.Find(name, ["a-b", "a.b", "Dev", "dev", "x_y"])?.Vm);

    [Fact]
    public void Each_instance_is_found_by_each_of_its_names()
    {
        string[] vms = ["web", "a.b_c", "X"];
        Assert.All(vms, vm => Assert.All(VmZone.NamesOf(vm), name => Assert.Equal(vm, VmZone.Find(name, vms)?.Vm)));
    }

    private static NameTable Guest(bool ipv6) => NameTable.ForGuest(
        VmName.Parse("web"), new HostResolverSpec { Hosts = Hosts, Ipv6 = ipv6 }, "192.168.5.2", "192.168.5.15", Vms);

    private static string Decide(NameTable table, byte[] question)
    {
        Assert.Equal(DnsCode.NoError, DnsQuery.Read(question, out var query));
        return NameDecision.Of(query!, table) switch
        {
            NameDecision.Reply reply => DnsQuestion.Show(DnsReply.Write(question, query!, reply.Code, reply.Records, 512))[2..],
            NameDecision.Resolve resolve => $"{resolve.Name} for {resolve.Family}" + Aliases(question, query!, resolve.Aliases),
            _ => "forwarded",
        };
    }

    private static string Aliases(byte[] question, DnsQuery query, ImmutableArray<DnsRecord> aliases) =>
        aliases.IsEmpty ? "" : " after " + DnsQuestion.Show(DnsReply.Write(question, query, DnsCode.NoError, aliases, 512))[5..];
}
