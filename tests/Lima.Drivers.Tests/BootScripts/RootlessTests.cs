using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

public sealed class RootlessTests(ITestOutputHelper output)
{
    private const string Script = "boot.d/20-rootless-base.sh";
    private const string Home = "/home/alice.guest";

    public static TheoryData<string> All => Shells.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Containers_without_privileges_have_what_they_need(string shell)
    {
        if (Systemd(shell) is not { } root) return;
        using var _ = root;
        root.Write("/proc/sys/kernel/unprivileged_userns_clone", "0");
        root.Write("/etc/subuid", "bob:100000:65536\nalice2:200000:65536\n");
        root.Write(Home + "/.bashrc", "own\n");
        root.Shell($"chown alice: {Home}/.bashrc; chmod 600 {Home}/.bashrc");
        root.Run(Script);
        const string lines = "# Lima BEGIN\n# for iptables and mount.fuse3\nPATH=\"$PATH:/usr/sbin:/sbin\"\nexport PATH\n# Lima END\n";
        Assert.Equal("own\n" + lines, root.Read(Home + "/.bashrc"));
        Assert.Equal(lines, root.Read(Home + "/.profile"));
        Assert.Equal("alice 600", root.Shell($"stat -c '%U %a' {Home}/.bashrc"));
        Assert.Equal("alice 644", root.Shell($"stat -c '%U %a' {Home}/.zshrc"));
        Assert.Equal("[Service]\nDelegate=yes\n", root.Read("/etc/systemd/system/user@.service.d/lima.conf"));
        Assert.Equal(
            "kernel.unprivileged_userns_clone=1\nnet.ipv4.ping_group_range=0 2147483647\nnet.ipv4.ip_unprivileged_port_start=0\n",
            root.Read("/etc/sysctl.d/99-lima.conf"));
        Assert.Equal("bob:100000:65536\nalice2:200000:65536\nalice:524288:1073741824\n", root.Read("/etc/subuid"));
        Assert.Equal("alice:524288:1073741824\n", root.Read("/etc/subgid"));
        Assert.Equal(
            ["systemctl daemon-reload", "sysctl -q -e -p /etc/sysctl.d/99-lima.conf", "systemctl start systemd-logind.service", "loginctl enable-linger alice"],
            root.Calls);
        root.RunAgainIdly(Script);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_home_that_root_has_made_becomes_the_users(string shell)
    {
        if (Systemd(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("mountpoint", $"[ \"$2\" = {Home}/mounted ]");
        root.Write(Home + "/mounted/theirs", "");
        root.Write(Home + "/made/by root", "");
        root.Write("/etc/precious", "");
        root.Shell($"ln -s /etc/precious {Home}/link; chown -R root: {Home}");
        root.Run(Script);
        Assert.Equal("alice\nalice\nalice", root.Shell($"stat -c %U {Home} {Home}/made '{Home}/made/by root'"));
        Assert.Equal("root\nroot\nroot", root.Shell($"stat -c %U {Home}/mounted {Home}/mounted/theirs /etc/precious"));
    }

    [Theory]
    [InlineData("ash", "1001", "5.10.0-28-amd64", true, "alice:524288:1073741824\n")]
    [InlineData("dash", "600000", "6.1.0", false, "alice:600001:1073741824\n")]
    [InlineData("dash", "1001", "4.18.0-553.el8.x86_64", true, "alice:524288:1073741824\n")]
    [InlineData("ash", "1001", "5.13.0", false, "alice:524288:1073741824\n")]
    public void Old_kernels_and_high_numbers_are_heeded(string shell, string uid, string kernel, bool fuse, string range)
    {
        if (Systemd(shell) is not { } root) return;
        using var _ = root;
        root.Variables["UID"] = uid;
        root.Write("/proc/sys/kernel/osrelease", kernel + "\n");
        root.Run(Script);
        Assert.Equal(fuse, root.Read(Home + "/.profile").Contains("CONTAINERD_SNAPSHOTTER=\"fuse-overlayfs\"", StringComparison.Ordinal));
        Assert.Equal(range, root.Read("/etc/subuid"));
    }

    [Fact]
    public void Dotfiles_that_are_links_stay_links()
    {
        if (Systemd("dash") is not { } root) return;
        using var _ = root;
        root.Write(Home + "/dotfiles/profile", "mine\n");
        root.Shell($"ln -s dotfiles/profile {Home}/.profile");
        root.Run(Script);
        Assert.Equal("dotfiles/profile", root.Shell($"readlink {Home}/.profile"));
        Assert.StartsWith("mine\n# Lima BEGIN\n", root.Read(Home + "/dotfiles/profile"), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_systemd_there_is_nothing_to_do()
    {
        if (GuestRoot.Make(output, "ash") is not { } root) return;
        using var _ = root;
        root.RunAgainIdly(Script);
        Assert.False(root.Exists("/etc/subuid"));
    }

    private GuestRoot? Systemd(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return null;
        root.Shell("mkdir -p /run/systemd/system");
        foreach (var program in (string[])["systemctl", "sysctl"]) root.StandIn(program);
        root.StandIn("mountpoint", "exit 1");
        root.StandIn("loginctl", "mkdir -p /var/lib/systemd/linger; : >/var/lib/systemd/linger/$2");
        return root;
    }
}
