using System.Diagnostics;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;
using Lima.Drivers.Tests.CloudInit;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Ssh;

public sealed class SshConfigFileTests(ITestOutputHelper output)
{
    private static readonly InstanceDirectory Directory = new(VmName.Parse("my.vm"), "/home/alice/.lima/my.vm");

    [Fact]
    public void The_text_is_limas_with_the_host_key_checked()
    {
        const string expected = """
            # For `ssh -F`. Written anew at each start of the instance: changes here are lost.
            Host lima-my-vm
              IdentityFile "/home/alice/.lima/_config/user"
              IdentitiesOnly yes
              PreferredAuthentications publickey
              BatchMode yes
              StrictHostKeyChecking yes
              UserKnownHostsFile "/home/alice/.lima/my.vm/known_hosts"
              GlobalKnownHostsFile /dev/null
              HostKeyAlias lima-my-vm
              UpdateHostKeys no
              Compression no
              GSSAPIAuthentication no
              Ciphers "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
              User alice
              ControlMaster auto
              ControlPath "/home/alice/.lima/my.vm/ssh.sock"
              ControlPersist yes
              Hostname 127.0.0.1
              Port 60022

            """;
        Assert.Equal(expected, Text(Seeds.Spec));
    }

    [Fact]
    public void Forwarding_is_as_the_spec_says()
    {
        var all = new SshSpec { ForwardAgent = true, ForwardX11 = true, ForwardX11Trusted = true };
        var text = Text(Seeds.Spec with { Ssh = all });
        Assert.Contains("  ForwardAgent yes\n  ForwardX11 yes\n  ForwardX11Trusted yes\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ForwardAgent", Text(Seeds.Spec with { Ssh = all, Plain = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void OpenSSH_reads_it_as_meant()
    {
        if (!Need.Programs(output, "ssh")) return;
        using var temporary = new TemporaryDirectory();
        var path = temporary["ssh.config"];
        File.WriteAllText(path, SshConfigFile.Text(Directory with { Path = "/home/al ice/100%/my.vm" }, Seeds.Spec, "/home/al ice/100%/user", 60022, AesIsFast()));
        var start = new ProcessStartInfo("ssh", ["-G", "-F", path, "lima-my-vm"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        string[] expected =
        [
            "hostname 127.0.0.1", "port 60022", "user alice", "stricthostkeychecking true", "hostkeyalias lima-my-vm", "identitiesonly yes",
            "controlmaster auto", "controlpersist yes", "batchmode yes", "identityfile /home/al ice/100%%/user",
        ];
        foreach (var line in expected) Assert.Contains(line, lines);

        static bool AesIsFast() => SshConfigFile.AesIsFast;
    }

    [Theory]
    [InlineData("/home/a\"b")]
    [InlineData("/home/a\nb")]
    [InlineData("/home/${HOME}")]
    public void A_path_that_cannot_be_expressed_is_refused(string path)
    {
        var failure = Assert.Throws<DriverException>(() => SshConfigFile.Text(Directory with { Path = path }, Seeds.Spec, "/key", 1, true));
        Assert.Equal("ssh-config", failure.Cause.Code);
    }

    [Fact]
    public void Known_hosts_has_the_alias_and_the_key()
    {
        const string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILdLeGGqMiqKS2SFhZeFkGDL5T993u+0RrpwXZOvf+0B";
        Assert.Equal($"lima-my-vm {key}\n", KnownHosts.Text(Directory.Name, key + " lima\n"));
        Assert.Throws<DriverException>(() => KnownHosts.Text(Directory.Name, "ssh-ed25519 nonsense"));
        Assert.Throws<DriverException>(() => KnownHosts.Text(Directory.Name, $"{key}\nother {key}"));
    }

    private static string Text(VmSpec spec) => SshConfigFile.Text(Directory, spec, "/home/alice/.lima/_config/user", 60022, preferAes: true);
}
