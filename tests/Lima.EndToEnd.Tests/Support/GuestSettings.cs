namespace Lima.EndToEnd.Tests.Support;

/// <summary>What the boot scripts have set up inside a guest, looked at from inside.</summary>
internal static class GuestSettings
{
    /// <summary>Fails when a boot script has failed.</summary>
    public static async Task NoneFailedAsync(Limactl cli, string name) =>
        Assert.DoesNotContain(" warn script ", await cli.GuestAsync(name, "sudo", "cat", "/var/log/lima-boot.log"));

    /// <summary>Names and homes, as every guest has them.</summary>
    public static async Task CommonAsync(Limactl cli, string name, string user)
    {
        Assert.Equal("192.168.5.2 host.lima.internal", await cli.GuestAsync(name, "grep", "host.lima.internal", "/etc/hosts"));
        Assert.Equal($"{user}.guest", await cli.GuestAsync(name, "readlink", $"/home/{user}.linux"));
        Assert.Equal($"{user} 700", await cli.GuestAsync(name, "stat", "-c", "%U %a", "/run/host-services"));
        Assert.Matches("^(iid-[0-9a-f]+)\n\\1\n\\1$", await cli.GuestAsync(name, "cat", "/run/lima-ssh-ready", "/run/lima-fuse-ready", "/run/lima-boot-done"));
        Assert.Contains("acceptenv COLORTERM", await cli.GuestAsync(name, "sudo", "/usr/sbin/sshd", "-T"));
    }

    /// <summary>What a guest with systemd has besides.</summary>
    public static async Task OfSystemdAsync(Limactl cli, string name, string user)
    {
        Assert.Equal("Delegate=yes", await cli.GuestAsync(name, "systemctl", "show", "--property=Delegate", $"user@{await cli.GuestAsync(name, "id", "-u")}"));
        Assert.Equal("0", await cli.GuestAsync(name, "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"));
        Assert.Equal("0\t2147483647", await cli.GuestAsync(name, "cat", "/proc/sys/net/ipv4/ping_group_range"));
        Assert.Equal("Linger=yes", await cli.GuestAsync(name, "loginctl", "show-user", "--property=Linger", user));
        Assert.Matches($"(?m)^{user}:[0-9]+:[0-9]+$", await cli.GuestAsync(name, "cat", "/etc/subuid"));
        Assert.Matches("(?m)^Link .*eth0.*: yes$", await cli.GuestAsync(name, "resolvectl", "mdns"));
        Assert.Contains("/usr/sbin", await cli.GuestAsync(name, "bash", "-lc", "echo $PATH"));
        Assert.Equal("user_allow_other", await cli.GuestAsync(name, "grep", "^user_allow_other", "/etc/fuse.conf"));
        // Everything is in the image: no package manager was asked.
        Assert.Equal("0", await cli.GuestAsync(name, "sh", "-c", "ls /var/lib/apt/lists | grep -c Packages || true"));
    }

    /// <summary>Times at which the files that boot scripts write have changed.</summary>
    public static Task<string> TimesAsync(Limactl cli, string name) => cli.GuestAsync(
        name, "sh", "-c",
        "sudo find /etc /var/lib/lima ~/.profile ~/.bashrc ~/.zshrc /etc/sysctl.d /etc/systemd /etc/ssh -maxdepth 1 -type f ! -name instance ! -name resolv.conf " +
        "-exec stat -c '%n %Y' {} + | sort -u");
}
