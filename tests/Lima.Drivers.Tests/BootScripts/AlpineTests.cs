using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

public sealed class AlpineTests(ITestOutputHelper output)
{
    public static TheoryData<string> All => Shells.All;

    public static TheoryData<string> Scripts { get; } =
    [
        "boot.essential/00-alpine-user-group.sh", "boot.essential/01-alpine-ash-as-bash.sh", "boot.essential/10-alpine-prep.sh",
        "boot.d/04-persistent-data-volume.sh", "boot.d/10-alpine-cgroups.sh",
    ];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Other_distributions_are_left_alone(string script)
    {
        if (GuestRoot.Make(output, "ash") is not { } root) return;
        using var _ = root;
        root.RunAgainIdly(script);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Root_may_use_sudo(string shell)
    {
        if (Alpine(shell) is not { } root) return;
        using var _ = root;
        root.Run("boot.essential/00-alpine-user-group.sh");
        Assert.Equal("root ALL=(ALL) NOPASSWD:ALL\n", root.Read("/etc/sudoers.d/00-root-user"));
        Assert.Equal("440", root.Shell("stat -c %a /etc/sudoers.d/00-root-user"));
        Assert.False(root.Exists("/run/lima-reboot-required"));
        root.RunAgainIdly("boot.essential/00-alpine-user-group.sh");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_user_of_the_image_goes_and_the_guest_boots_again(string shell)
    {
        if (Alpine(shell) is not { } root) return;
        using var _ = root;
        root.Write("/etc/passwd", root.Read("/etc/passwd") + "alpine:x:1000:1000::/home/alpine:/bin/ash\n");
        root.Write("/home/alpine/.x", "");
        File.Delete(root["/home/alpine/.x"]);
        foreach (var program in (string[])["userdel", "cloud-init", "reboot"]) root.StandIn(program);
        root.Run("boot.essential/00-alpine-user-group.sh");
        Assert.Equal(["userdel alpine", "cloud-init clean --logs", "reboot "], root.Calls);
        Assert.True(root.Exists("/run/lima-reboot-required"));
        Assert.False(root.Exists("/home/alpine"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_users_own_account_may_be_called_alpine(string shell)
    {
        if (Alpine(shell) is not { } root) return;
        using var _ = root;
        root.Write("/etc/passwd", root.Read("/etc/passwd") + "alpine:x:1000:1000::/home/alpine:/bin/ash\n");
        root.Variables["USER"] = "alpine";
        root.Run("boot.essential/00-alpine-user-group.sh");
        Assert.False(root.Exists("/run/lima-reboot-required"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Ash_stands_in_for_bash(string shell)
    {
        if (Alpine(shell) is not { } root) return;
        using var _ = root;
        root.Run("boot.essential/01-alpine-ash-as-bash.sh");
        Assert.Equal("a b", root.Shell("/bin/bash -c 'set -o pipefail; echo \"$1\"' x 'a b'"));
        root.RunAgainIdly("boot.essential/01-alpine-ash-as-bash.sh");
    }

    [Theory]
    [InlineData("ash", "3.20.3", "v3.20")]
    [InlineData("dash", "3.20.3", "v3.20")]
    [InlineData("ash", "3.21_alpha20240807", "edge")]
    public void What_the_workstation_counts_on_is_set_up(string shell, string version, string branch)
    {
        if (Alpine(shell) is not { } root) return;
        using var _ = root;
        root.Write("/etc/os-release", $"ID=alpine\nVERSION_ID={version}\n");
        root.Write("/etc/apk/repositories", "#http://mirror/old/main\n");
        root.Write("/etc/ssh/sshd_config", "Port 22\nAllowTcpForwarding no\n#UsePAM no\n");
        root.Write("/etc/init.d/acpid", "");
        root.StandIn("apk", "[ \"$1 $2\" != 'add sudo' ] || { echo '#!/bin/sh' >/bin/sudo; chmod 755 /bin/sudo; }");
        root.StandIn("rc-update", "mkdir -p /etc/runlevels/default; : >/etc/runlevels/default/$2");
        root.StandIn("rc-service");
        root.Write("/bin/openrc-run", "", GuestRoot.Program);
        root.Run("boot.essential/10-alpine-prep.sh");
        Assert.Equal(
            $"#http://mirror/old/main\nhttps://dl-cdn.alpinelinux.org/alpine/{branch}/main\nhttps://dl-cdn.alpinelinux.org/alpine/{branch}/community\n",
            root.Read("/etc/apk/repositories"));
        Assert.Contains("alice:*:19000", root.Read("/etc/shadow"), StringComparison.Ordinal);
        Assert.Equal("Port 22\nAllowTcpForwarding yes\nUsePAM yes\n", root.Read("/etc/ssh/sshd_config"));
        Assert.Equal(
            ["apk add sudo", "rc-service --ifstarted sshd reload", "rc-update add acpid", "rc-service --ifstopped acpid start"], root.Calls);
        root.RunAgainIdly("boot.essential/10-alpine-prep.sh", "rc-service --ifstopped acpid start");
    }

    [Fact]
    public void A_mirror_and_a_password_of_ones_own_are_kept()
    {
        if (Alpine("ash") is not { } root) return;
        using var _ = root;
        const string repositories = "http://mirror/alpine/v3.20/main\nhttp://mirror/alpine/v3.20/community\n";
        root.Write("/etc/os-release", "VERSION_ID=3.20.3\n");
        root.Write("/etc/apk/repositories", repositories);
        root.Write("/etc/shadow", "alice:$6$hash:19000:0:99999:7:::\n");
        root.StandIn("sudo");
        root.RunAgainIdly("boot.essential/10-alpine-prep.sh");
        Assert.Equal(repositories, root.Read("/etc/apk/repositories"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Control_groups_are_mounted_unless_they_are(string shell)
    {
        if (Alpine(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("rc-service");
        root.Run("boot.d/10-alpine-cgroups.sh");
        Assert.Equal(["rc-service --ifstopped cgroups start"], root.Calls);
        root.Write("/sys/fs/cgroup/cgroup.controllers", "");
        root.RunAgainIdly("boot.d/10-alpine-cgroups.sh");
    }

    private GuestRoot? Alpine(string shell)
    {
        var root = GuestRoot.Make(output, shell);
        root?.Write("/etc/alpine-release", "3.20.3\n");
        return root;
    }
}
