using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

public sealed class NetworkTests(ITestOutputHelper output)
{
    private const string Redirect = "boot.d/09-host-dns-setup.sh";
    private const string Multicast = "boot.d/06-enable-mdns-on-systemd.sh";
    private const string Clock = "boot.d/00-check-rtc-and-wait-ntp.sh";

    // Knows the jumps that restoring has made; what is restored can be read afterwards.
    private const string Iptables = """
        table=$4; shift 4
        [ "$1" != -C ] || grep -qxF -e "$table $*" /run/jumps 2>/dev/null
        """;

    private const string Restore = """
        cat >/run/rules
        while read -r word chain rest; do
          case $word in \**) table=${word#?} ;; -I) echo "$table -C $chain -j LIMADNS" >>/run/jumps ;; esac
        done </run/rules
        """;

    private static readonly string[] Redirections =
    [
        "-A LIMADNS -d 192.168.5.3 -p udp --dport 53 -j DNAT --to-destination 192.168.5.2:5300",
        "-A LIMADNS -d 192.168.5.3 -p tcp --dport 53 -j DNAT --to-destination 192.168.5.2:5301",
    ];

    public static TheoryData<string> All => Shells.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Without_a_resolver_on_the_host_names_are_asked_where_they_were(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.StandIn("iptables");
        root.StandIn("iptables-restore");
        root.StandIn("nft");
        root.RunAgainIdly(Redirect);
        (root.Variables["UDP_DNS_LOCAL_PORT"], root.Variables["TCP_DNS_LOCAL_PORT"]) = ("0", "0");
        root.RunAgainIdly(Redirect);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Questions_go_to_the_hosts_resolver(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        Ports(root);
        root.Run(Redirect);
        root.StandIn("iptables", Iptables);
        root.StandIn("iptables-restore", Restore);
        // Preferred, as the rules of other programs are made with it, too.
        root.StandIn("nft", "exit 1");
        root.Run("boot.d/35-setup-packages.sh");
        Assert.Equal(["*nat", ":LIMADNS -", .. Redirections, "-I PREROUTING 1 -j LIMADNS", "-I OUTPUT 1 -j LIMADNS", "COMMIT"], File.ReadAllLines(root["/run/rules"]));
        root.Run(Redirect);
        Assert.Equal(["*nat", ":LIMADNS -", .. Redirections, "COMMIT"], File.ReadAllLines(root["/run/rules"]));
        // What the guest agent does while there is no host.
        File.Delete(root["/calls"]);
        root.Shell("sh /run/lima/host-names off");
        Assert.Equal(["iptables -w 10 -t nat -F LIMADNS"], root.Calls);
        Assert.True(root.Exists("/run/lima/host-names.off"));
        root.StandIn("resolvectl");
        root.Shell("sh /run/lima/host-names on");
        Assert.False(root.Exists("/run/lima/host-names.off"));
        Assert.Equal("resolvectl flush-caches", root.Calls[^1]);
        Assert.Contains("COMMIT", File.ReadAllLines(root["/run/rules"]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Without_iptables_nftables_redirect(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        Ports(root);
        root.StandIn("nft", "cat >/run/rules");
        root.Run(Redirect);
        var rules = root.Read("/run/rules");
        Assert.StartsWith("table ip lima_dns {}\ndelete table ip lima_dns\ntable ip lima_dns {\n", rules, StringComparison.Ordinal);
        Assert.Equal(2, rules.Split("ip daddr 192.168.5.3 udp dport 53 dnat to 192.168.5.2:5300\n").Length - 1);
        Assert.Equal(2, rules.Split("ip daddr 192.168.5.3 tcp dport 53 dnat to 192.168.5.2:5301\n").Length - 1);
        Assert.Equal(["nft -f -"], root.Calls);
        root.Shell("sh /run/lima/host-names off");
        Assert.Equal("table ip lima_dns {}\ndelete table ip lima_dns\n", root.Read("/run/rules"));
    }

    private static void Ports(GuestRoot root) => (root.Variables["UDP_DNS_LOCAL_PORT"], root.Variables["TCP_DNS_LOCAL_PORT"]) = ("5300", "5301");

    [Theory]
    [MemberData(nameof(All))]
    public void Links_speak_multicast_dns_where_systemd_resolves(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.StandIn("systemctl");
        root.StandIn("resolvectl", "case $2 in eth0) echo MDNS=yes >>/run/systemd/resolve/netif/2 ;; lima0) echo MDNS=yes >/run/systemd/resolve/netif/3 ;; esac");
        foreach (var (link, index) in (ValueTuple<string, int>[])[("eth0", 2), ("lima0", 3), ("lo", 1)]) root.Write($"/sys/class/net/{link}/ifindex", $"{index}\n");
        root.RunAgainIdly(Multicast);
        root.Write("/run/systemd/resolve/netif/2", "LLMNR=yes\n");
        root.Run(Multicast);
        Assert.Equal("[Resolve]\nMulticastDNS=yes\n", root.Read("/etc/systemd/resolved.conf.d/00-lima-enable-mdns.conf"));
        Assert.Equal(["systemctl restart systemd-resolved.service", "resolvectl mdns eth0 yes", "resolvectl mdns lima0 yes"], root.Calls);
        root.RunAgainIdly(Multicast);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_guest_without_a_clock_waits_for_the_time(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Shell("mkdir -p /run/systemd/system");
        root.Write(GuestRoot.Seed + "/user-data", "");
        root.Shell($"touch -d '2026-01-01 00:00' {GuestRoot.Seed}/user-data");
        root.StandIn("systemctl");
        root.StandIn("date", "case $1 in +%s) echo 1000 ;; esac");
        root.StandIn("timedatectl", "echo x >>/run/asked; if [ \"$(wc -l </run/asked)\" -gt 3 ]; then echo yes; else echo no; fi");
        root.Run(Clock);
        var seconds = root.Shell($"stat -c %Y {GuestRoot.Seed}/user-data");
        Assert.Equal(
            ["systemctl stop systemd-timesyncd", $"date -s @{seconds}", "systemctl start systemd-timesyncd"],
            root.Calls.Where(call => call.StartsWith("systemctl", StringComparison.Ordinal) || call.StartsWith("date -s", StringComparison.Ordinal)));
        File.Delete(root["/calls"]);
        Assert.Equal("", root.Run(Clock));
        Assert.Equal(["timedatectl show --property=NTPSynchronized --value"], root.Calls);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void With_a_clock_nothing_is_asked(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Shell("mkdir -p /run/systemd/system");
        // A character device, as a clock is.
        File.CreateSymbolicLink(root["/dev/rtc0"], "null");
        root.StandIn("timedatectl");
        root.RunAgainIdly(Clock);
    }
}
