using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Qemu;

namespace Lima.Drivers.Tests.Qemu;

/// <summary>What QEMU is given for networks of ours, and that it can be read off one that runs.</summary>
public sealed class QemuNetworksTests
{
    private static readonly InstanceDirectory Directory = new LimaHome("/home/user/a,b").Instance(VmName.Parse("web"));

    private static readonly NetworkSpec[] Networks =
    [
        new() { Socket = "/run/daemon.sock", MacAddress = "52:55:55:00:00:01", Interface = "lima0" },
        new() { Lima = "user-v2", MacAddress = "52:55:55:00:00:02", Interface = "lima1" },
        new() { VzNat = true, MacAddress = "52:55:55:00:00:03", Interface = "lima2" },
        new() { Lima = "dev", MacAddress = "52:55:55:00:00:04", Interface = "lima3" },
    ];

    [Fact]
    public void Each_network_has_its_sockets() => Assert.Equal(
        [
            new AttachedNetwork("/run/daemon.sock", "52:55:55:00:00:01"),
            new AttachedNetwork("/home/user/a,b/_networks/user-v2/525555000002.sock", "52:55:55:00:00:02", "/home/user/a,b/web/net1.sock"),
            new AttachedNetwork("/home/user/a,b/_networks/dev/525555000004.sock", "52:55:55:00:00:04", "/home/user/a,b/web/net3.sock"),
        ],
        QemuNetworks.Attached([.. Networks], Directory, new QemuVersion(7, 2, 0)));

    [Fact]
    public void An_old_QEMU_is_refused_only_where_it_matters()
    {
        var old = new QemuVersion(7, 1, 9);
        Assert.Single(QemuNetworks.Attached([Networks[0]], Directory, old));
        var refused = Assert.Throws<DriverException>(() => QemuNetworks.Attached([.. Networks], Directory, old).ToList());
        Assert.Equal("QEMU 7.1.9 is too old for network `user-v2`; `7.2.0` or later is needed", refused.Message);
    }

    [Fact]
    public void The_cards_of_a_QEMU_that_runs_are_those_it_was_given()
    {
        var spec = QemuDeviceArgumentsTests.Plain with { Networks = [.. QemuNetworks.Attached([.. Networks], Directory, new QemuVersion(7, 2, 0))] };
        var found = QemuNetworks.Cards(QemuCommandLine.Build(spec).Arguments);
        Assert.Equal(QemuNetworks.Cards([.. Networks], Directory).AsEnumerable(), found);
        Assert.Equal(["user-v2 52:55:55:00:00:02 /home/user/a,b/web/net1.sock", "dev 52:55:55:00:00:04 /home/user/a,b/web/net3.sock"], found.Select(card => $"{card.Network} {card.Card} {card.GuestSocket}"));
        Assert.Empty(QemuNetworks.Cards(["-netdev", "dgram,id=x", "-netdev", "dgram,local.path=/a,remote.path=/b", "-netdev"]));
    }
}
