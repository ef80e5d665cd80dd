using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

public sealed class UserTests(ITestOutputHelper output)
{
    private const string Account = "boot.essential/15-user.sh";
    private const string Password = "boot.essential/20-user-password.sh";

    public static TheoryData<string> All => Shells.All;

    [Theory]
    [MemberData(nameof(All))]
    public void What_has_changed_in_lima_yaml_changes_for_the_user(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Shell("mkdir -p /etc/sudoers.d; chmod 600 /etc/passwd");
        root.StandIn("zsh");
        root.Run(Account);
        Assert.Contains("alice:x:1001:1001:Alice:/home/alice.guest:/bin/bash\n", root.Read("/etc/passwd"), StringComparison.Ordinal);
        root.RunAgainIdly(Account);

        (root.Variables["SHELL"], root.Variables["COMMENT"], root.Variables["PASSWORDLESS_SUDO"]) = ("/bin/zsh", "A & \\ \"B\"", "");
        root.Run(Account);
        Assert.Equal(
            "root:x:0:0:root:/root:/bin/sh\nalice:x:1001:1001:A & \\ \"B\":/home/alice.guest:/bin/zsh\n", root.Read("/etc/passwd"));
        Assert.Equal("600", root.Shell("stat -c %a /etc/passwd"));
        Assert.Equal("alice ALL=(ALL) ALL\n", root.Read("/etc/sudoers.d/95-lima-user"));
        Assert.Equal("440", root.Shell("stat -c %a /etc/sudoers.d/95-lima-user"));
        root.RunAgainIdly(Account);

        root.Variables["PASSWORDLESS_SUDO"] = "1";
        root.Run(Account);
        Assert.Equal("alice ALL=(ALL) NOPASSWD:ALL\n", root.Read("/etc/sudoers.d/95-lima-user"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_the_user_changes_in_the_guest_stays(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Run(Account);
        var own = root.Read("/etc/passwd").Replace("/bin/bash", "/bin/fish", StringComparison.Ordinal);
        root.Write("/etc/passwd", own);
        root.RunAgainIdly(Account);
        Assert.Equal(own, root.Read("/etc/passwd"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_shell_that_is_not_there_waits_until_it_is(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Run(Account);
        root.Variables["SHELL"] = "/bin/fish";
        Assert.Equal("the shell /bin/fish is not installed; alice keeps /bin/bash\n", root.Run(Account));
        root.StandIn("fish");
        root.Run(Account);
        Assert.Contains("/home/alice.guest:/bin/fish\n", root.Read("/etc/passwd"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_password_is_made_once_and_left_with_the_user(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Variables["PASSWORDLESS_SUDO"] = "";
        root.StandIn("chpasswd", "cat >/given");
        root.Run(Password);
        var password = root.Read("/home/alice.guest/password").TrimEnd('\n');
        Assert.Matches("^[0-9a-f]{16}$", password);
        Assert.Equal($"alice:{password}\n", root.Read("/given"));
        Assert.Equal("alice 600", root.Shell("stat -c '%U %a' /home/alice.guest/password"));
        Assert.Equal("alice", root.Shell("stat -c %U /home/alice.guest/.lima-password-set"));
        root.RunAgainIdly(Password);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Without_chpasswd_the_hash_is_written(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Variables["PASSWORDLESS_SUDO"] = "";
        root.Run(Password);
        var entry = root.Read("/etc/shadow").Split('\n')[1].Split(':');
        var salt = entry[1].Split('$')[2];
        Assert.Equal(entry[1], root.Shell($"mkpasswd -m sha512 -S '{salt}' \"$(cat /home/alice.guest/password)\""));
        root.RunAgainIdly(Password);
    }

    [Fact]
    public void A_password_is_never_written_through_a_link_of_the_user()
    {
        if (GuestRoot.Make(output, "dash") is not { } root) return;
        using var _ = root;
        root.Variables["PASSWORDLESS_SUDO"] = "";
        root.Write("/etc/precious", "precious");
        foreach (var name in (string[])["password", "password.lima", ".lima-password-set.lima"]) root.Shell($"ln -s /etc/precious /home/alice.guest/{name}");
        root.StandIn("chpasswd", "cat >/dev/null");
        root.Run(Password);
        Assert.Equal("precious", root.Read("/etc/precious"));
        Assert.Equal("root", root.Shell("stat -c %U /etc/precious"));
    }

    [Fact]
    public void With_sudo_free_no_password_is_made()
    {
        if (GuestRoot.Make(output, "ash") is not { } root) return;
        using var _ = root;
        root.RunAgainIdly(Password);
        Assert.False(root.Exists("/home/alice.guest/password"));
    }

    [Theory]
    [InlineData("ash", "500", "adm", "usermod -aG systemd-journal alice")]
    [InlineData("dash", "500", "", "usermod -aG systemd-journal alice")]
    [InlineData("dash", "500", "adm,alice", null)]
    [InlineData("dash", "1001", "", null)]
    [InlineData("dash", "500", null, null)]
    public void Users_with_a_system_number_read_the_journal(string shell, string uid, string? members, string? call)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Variables["UID"] = uid;
        root.StandIn("usermod");
        if (members is not null) root.Write("/etc/group", $"root:x:0:\nsystemd-journal:x:101:{members}\n");
        root.Run("boot.d/00-systemd-user-group.sh");
        Assert.Equal(call is null ? [] : [call], root.Calls);
    }

    [Theory]
    [InlineData("ash", "guest", "linux")]
    [InlineData("dash", "guest", "linux")]
    [InlineData("dash", "linux", "guest")]
    public void Either_name_of_the_home_directory_leads_there(string shell, string real, string other)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        Directory.Delete(root["/home/alice.guest"]);
        root.Write($"/home/alice.{real}/file", "x");
        root.Run("boot.d/05-guest-home.sh");
        Assert.Equal("x", root.Read($"/home/alice.{other}/file"));
        root.RunAgainIdly("boot.d/05-guest-home.sh");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Two_homes_stay_two(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Write("/home/alice.linux/file", "x");
        root.RunAgainIdly("boot.d/05-guest-home.sh");
        Assert.False(root.Exists("/home/alice.guest/file"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Sockets_of_the_workstation_are_the_users_alone(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Run("boot.d/26-host-services.sh");
        Assert.Equal("alice 700", root.Shell("stat -c '%U %a' /run/host-services"));
        root.RunAgainIdly("boot.d/26-host-services.sh");
    }
}
