using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Boot scripts in a guest without cloud-init.</summary>
public sealed class GuestTests(LimaHome home) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(3);
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task The_second_boot_of_a_guest_without_cloud_init_changes_nothing()
    {
        await home.RunningAsync("g1");
        var user = (await _cli.ShowAsync("g1")).User!;
        await GuestSettings.NoneFailedAsync(_cli, "g1");
        await GuestSettings.CommonAsync(_cli, "g1", user);
        var before = await GuestSettings.TimesAsync(_cli, "g1");
        Assert.Contains("/etc/hosts ", before);
        (await _cli.RunAsync(Patient, "restart", "g1")).Ok();
        await GuestSettings.NoneFailedAsync(_cli, "g1");
        await GuestSettings.CommonAsync(_cli, "g1", user);
        Assert.Equal(before, await GuestSettings.TimesAsync(_cli, "g1"));
    }

    [ProductFact]
    public async Task In_plain_mode_sudo_takes_the_password_that_was_made_and_the_user_follows_lima_yaml()
    {
        var file = home["plain.yaml"];
        await File.WriteAllTextAsync(file, "base: template:tiny\nplain: true\nuser:\n  passwordlessSudo: false\n  comment: First Name\n");
        (await _cli.RunAsync(Patient, "start", "--tty=false", "--name=plain", file)).Ok();
        var user = (await _cli.ShowAsync("plain")).User!;
        var password = await _cli.GuestAsync("plain", "sh", "-c", "cat ~/password");
        Assert.Matches("^[0-9a-f]{16}$", password);
        Assert.Equal($"{user} 600", await _cli.GuestAsync("plain", "sh", "-c", "stat -c '%U %a' ~/password"));
        Assert.Equal("0", await _cli.GuestAsync("plain", "sh", "-c", "sudo -S -p '' id -u <~/password"));
        Assert.NotEqual(0, (await _cli.RunAsync("shell", "plain", "sudo", "-k", "-n", "true")).ExitCode);
        // What is not essential did not run.
        Assert.Equal("", await _cli.GuestAsync("plain", "sh", "-c", "grep host.lima.internal /etc/hosts || true"));

        (await _cli.RunAsync(Patient, "stop", "plain")).Ok();
        (await _cli.RunAsync("edit", "--tty=false", "--set", ".user.comment=\"Second Name\" | .user.shell=\"/bin/sh\"", "plain")).Ok();
        (await _cli.RunAsync(Patient, "start", "--tty=false", "plain")).Ok();
        Assert.EndsWith(":Second Name:/home/" + user + ".guest:/bin/sh", await _cli.GuestAsync("plain", "grep", $"^{user}:", "/etc/passwd"));
        Assert.Equal(password, await _cli.GuestAsync("plain", "sh", "-c", "cat ~/password"));
        Assert.Equal("0", await _cli.GuestAsync("plain", "sh", "-c", "sudo -S -p '' id -u <~/password"));
    }
}
