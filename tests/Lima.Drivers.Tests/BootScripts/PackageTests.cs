using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

public sealed class PackageTests(ITestOutputHelper output)
{
    private const string Install = "boot.d/30-install-packages.sh";

    /// <summary>What a guest with rootless containers and mounts over SSH takes from each distribution: manager, calls.</summary>
    public static TheoryData<string, string, string[]> Distributions { get; } = new()
    {
        { "pacman", "", ["pacman -Sy --noconfirm --needed sshfs iptables shadow fuse3 rsync"] },
        { "zypper", "", ["zypper --non-interactive install -y --no-recommends sshfs iptables shadow fuse3 rsync"] },
        { "apk", "", ["apk add --update-cache sshfs iptables shadow-uidmap fuse3 rsync"] },
        { "yum", "", ["yum install -y epel-release", "yum install -y fuse-sshfs iptables shadow-utils fuse3 rsync"] },
        { "dnf", "Fedora release 43 (Forty Three)", ["dnf install -y --setopt=install_weak_deps=False fuse-sshfs iptables shadow-utils fuse3 rsync"] },
        {
            "dnf", "AlmaLinux release 8.10 (Cerulean Leopard)",
            ["dnf install -y --setopt=install_weak_deps=False --enablerepo powertools fuse-sshfs iptables shadow-utils fuse3 rsync"]
        },
        {
            "dnf", "Rocky Linux release 9.6 (Blue Onyx)",
            [
                "dnf install -y --setopt=install_weak_deps=False epel-release", "dnf config-manager --disable epel*",
                "dnf install -y --setopt=install_weak_deps=False --enablerepo epel fuse-sshfs iptables shadow-utils fuse3 rsync",
            ]
        },
        {
            "dnf", "Oracle Linux Server release 8.10",
            ["dnf install -y --setopt=install_weak_deps=False --repo ol8_baseos_latest --repo ol8_codeready_builder fuse-sshfs iptables shadow-utils fuse3 rsync"]
        },
        {
            "dnf", "Oracle Linux Server release 10.1",
            [
                "dnf install -y --setopt=install_weak_deps=False oracle-epel-release-el10", "dnf config-manager --disable ol10_u1_developer_EPEL",
                "dnf install -y --setopt=install_weak_deps=False --enablerepo ol10_u1_developer_EPEL fuse-sshfs iptables shadow-utils fuse3 rsync",
            ]
        },
    };

    public static TheoryData<string> All => Shells.All;

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Each_distribution_has_its_names(string manager, string release, string[] calls)
    {
        foreach (var shell in (string[])["ash", "dash"])
        {
            if (Demanding(shell) is not { } root) return;
            using var _ = root;
            root.StandIn(manager);
            if (release.Length > 0) root.Write("/etc/system-release", release + "\n");
            Assert.Equal("installing sshfs iptables uidmap fuse3 rsync\n", root.Run(Install));
            Assert.Equal(calls, root.Calls);
        }
    }

    [Theory]
    [InlineData("dash")]
    public void Debian_is_asked_for_the_session_bus_too(string shell)
    {
        if (Demanding(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("head", "echo ELF");
        root.StandIn("apt-get");
        root.Run(Install);
        Assert.Equal(
            [
                "head -c 4 /usr/bin/apt-get", "apt-get -q update",
                "apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-upgrade --no-install-recommends sshfs iptables uidmap fuse3 rsync dbus-user-session",
            ],
            root.Calls.Select(call => call.Replace(" /bin/", " /usr/bin/", StringComparison.Ordinal).Replace(" /sbin/", " /usr/bin/", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_script_called_apt_get_is_no_apt(string shell)
    {
        if (Demanding(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("apt-get");
        root.StandIn("zypper");
        root.Run(Install);
        Assert.StartsWith("zypper ", Assert.Single(root.Calls), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Where_all_is_there_no_package_manager_is_asked(string shell)
    {
        if (Demanding(shell) is not { } root) return;
        using var _ = root;
        foreach (var program in (string[])["sshfs", "iptables", "newuidmap", "mount.fuse3", "fusermount", "rsync", "dnf", "apk", "zypper"]) root.StandIn(program);
        root.RunAgainIdly(Install);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_default_packages_can_be_left_out(string shell)
    {
        if (Demanding(shell) is not { } root) return;
        using var _ = root;
        root.Variables["SKIP_DEFAULT_DEPENDENCY_RESOLUTION"] = "1";
        root.StandIn("apk");
        root.RunAgainIdly(Install);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_package_that_is_needed_is_missed_at_every_boot(string shell)
    {
        if (Demanding(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("apk", "exit 1");
        Assert.NotEqual(0, root.TryRun(Install).Code);
        Assert.NotEqual(0, root.TryRun(Install).Code);
        Assert.Equal(2, root.Calls.Length);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Rsync_is_asked_for_once_and_missed_without_failing(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.StandIn("apk", "exit 1");
        Assert.Equal("installing rsync\ncannot be installed, and is done without: rsync\n", root.Run(Install));
        root.RunAgainIdly(Install);
        // What was not wished for before is asked for, once.
        root.Variables["UDP_DNS_LOCAL_PORT"] = "20000";
        Assert.Equal("installing rsync iptables\ncannot be installed, and is done without: rsync iptables\n", root.Run(Install));
        root.RunAgainIdly(Install);
        root.StandIn("nft");
        root.StandIn("rsync");
        root.RunAgainIdly(Install);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_guest_without_packages_does_without_rsync_and_says_what_else_it_lacks(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.RunAgainIdly(Install);
        root.Variables["MOUNTS"] = "1";
        var (code, text) = root.TryRun(Install);
        Assert.Equal((1, "installing sshfs rsync\nthis guest has no package manager that is known here\n"), (code, text));
    }

    [Theory]
    [InlineData("ash", "", "user_allow_other\n")]
    [InlineData("dash", "# user_allow_other\nmount_max = 9\n", "# user_allow_other\nmount_max = 9\nuser_allow_other\n")]
    public void Fuse_is_set_up(string shell, string before, string after)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        if (before.Length > 0) root.Write("/etc/fuse.conf", before);
        root.Write("/etc/apparmor.d/fusermount3", "profile");
        root.StandIn("sshfs");
        root.StandIn("apparmor_parser");
        root.Run("boot.d/35-setup-packages.sh");
        Assert.Equal(after, root.Read("/etc/fuse.conf"));
        Assert.Contains("-> @{HOME},\n", root.Read("/etc/apparmor.d/local/fusermount3"), StringComparison.Ordinal);
        Assert.Equal(["apparmor_parser -r /etc/apparmor.d/fusermount3"], root.Calls);
        Assert.Equal("iid-1\n", root.Read("/run/lima-fuse-ready"));
        root.RunAgainIdly("boot.d/35-setup-packages.sh");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Only_modules_that_are_not_there_are_loaded(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.StandIn("modprobe", "sleep 0.5; exit 1");
        root.StandIn("podman");
        foreach (var module in (string[])["fuse", "overlay"]) root.Write($"/sys/module/{module}/refcnt", "0");
        // One after the other in the same boot; the second script waits for what the first has begun.
        root.Shell($"sh {GuestRoot.Seed}/boot.d/00-modprobe.sh && sh {GuestRoot.Seed}/boot.d/35-setup-packages.sh");
        Assert.True(root.Exists("/run/lima/modules-loaded"));
        var call = Assert.Single(root.Calls);
        Assert.StartsWith("modprobe -a -q tun tap bridge veth ip_tables ", call, StringComparison.Ordinal);
        Assert.EndsWith(" xt_tcpudp", call, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void After_an_upgrade_with_dnf_the_guest_boots_again_once(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        const string script = "boot.d/00-reboot-if-required.sh";
        root.StandIn("dnf", "case $* in *-r) echo 'Reboot is required to fully utilize these updates.'; exit 1 ;; esac");
        root.StandIn("systemctl");
        root.Write("/usr/lib/sysimage/rpm/rpmdb.sqlite", "");
        root.RunAgainIdly(script);

        root.Variables["UPGRADE_PACKAGES"] = "1";
        root.Run(script);
        Assert.Equal("systemctl reboot", root.Calls[^1]);
        Assert.True(root.Exists("/run/lima-reboot-required"));

        // Nothing was installed since: nothing is asked, and packages that change by the second boot do not make it a third.
        root.Shell("rm /run/lima-reboot-required; touch -d '2001-01-01 00:00' /usr/lib/sysimage/rpm/rpmdb.sqlite");
        root.RunAgainIdly(script);
        root.Shell("touch -d '2040-01-01 00:00' /usr/lib/sysimage/rpm/rpmdb.sqlite");
        root.Run(script);
        Assert.Empty(root.Calls);
        Assert.False(root.Exists("/run/lima-reboot-required"));
    }

    private GuestRoot? Demanding(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return null;
        (root.Variables["MOUNTS"], root.Variables["CONTAINERD_USER"]) = ("1", "1");
        root.Shell("mkdir -p /run/systemd/system");
        return root;
    }
}
