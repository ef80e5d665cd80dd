using Lima.Domain.Specs;
using Lima.Drivers.CloudInit;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.CloudInit;

public sealed class CidataBuilderTests(ITestOutputHelper output)
{
    [Fact]
    public void User_data_has_the_agreed_shape()
    {
        const string expected = """
            #cloud-config
            growpart:
              mode: "auto"
              devices: ["/"]
            timezone: "Europe/Paris"
            package_update: true
            package_upgrade: true
            package_reboot_if_required: true
            users:
              - name: "alice"
                uid: "1001"
                gecos: "Alice"
                homedir: "/home/alice.guest"
                shell: "/bin/bash"
                sudo: "ALL=(ALL) NOPASSWD:ALL"
                lock_passwd: true
                ssh_authorized_keys:
                  - "ssh-ed25519 AAAAuser lima"
                  - "ssh-rsa AAAAother bob@host"
            ssh_deletekeys: true
            ssh_genkeytypes: []
            ssh_keys:
              ed25519_private: |
                -----BEGIN OPENSSH PRIVATE KEY-----
                b3BlbnNzaC1rZXk=
                -----END OPENSSH PRIVATE KEY-----
              ed25519_public: "ssh-ed25519 AAAAhost lima"
            write_files:
              - path: "/var/lib/cloud/scripts/per-boot/00-lima.boot.sh"
                owner: "root:root"
                permissions: "0755"
                content: |
                  #!/bin/sh
                  exec /mnt/lima-cidata/boot.sh
            bootcmd:
              - "(\nexport PARAM_A='it'\\''s'\nexport PARAM_B=plain\necho \"boot\"\n)"
            manage_resolv_conf: true
            resolv_conf:
              nameservers:
                - "1.1.1.1"

            """;
        var input = Seeds.With(spec => spec with
        {
            Timezone = "Europe/Paris",
            UpgradePackages = true,
            Dns = ["1.1.1.1"],
            Params = spec.Params.Add("B", "plain").Add("A", "it's"),
            Provision = [new ProvisionSpec("boot", "echo \"boot\"")],
        });
        input = input with { AuthorizedKeys = input.AuthorizedKeys.Add("ssh-rsa AAAAother bob@host") };
        // The command that names the cards has a test of its own.
        var text = CidataBuilder.Build(input).Text("user-data").Split('\n').Where(line => !line.Contains("renamed=")).ToList();
        Assert.Equal(expected.Split('\n'), text);
    }

    [Fact]
    public void What_is_not_set_is_not_mentioned()
    {
        var text = CidataBuilder.Build(Seeds.With(spec => spec with { User = spec.User with { Comment = "" }, HostResolver = spec.HostResolver with { Enabled = false } })).Text("user-data");
        foreach (var absent in new[] { "timezone", "package_", "gecos", "PARAM_", "resolv_conf", "mounts", "ca_certs" })
            Assert.DoesNotContain(absent, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_whose_sudo_asks_has_no_locked_password()
    {
        var text = CidataBuilder.Build(Seeds.With(spec => spec with { User = spec.User with { PasswordlessSudo = false } })).Text("user-data");
        Assert.Contains("sudo: \"ALL=(ALL) ALL\"\n    lock_passwd: false\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_that_the_kernel_named_gets_its_name()
    {
        var root = Directory.CreateTempSubdirectory("cards-").FullName;
        try
        {
            foreach (var (card, mac) in (ReadOnlySpan<(string, string)>)[("ens3", "52:55:55:00:00:01"), ("lima0", "52:55:55:00:00:02"), ("ens4", "52:55:55:00:00:03")])
            {
                Directory.CreateDirectory($"{root}/sys/class/net/{card}");
                File.WriteAllText($"{root}/sys/class/net/{card}/address", mac + "\n");
            }

            // A stand-in for ip writes down what it was asked, and says that eth0 has an address.
            File.WriteAllText($"{root}/ip", $"#!/bin/sh\necho \"$@\" >>{root}/asked\necho inet\n");
            File.SetUnixFileMode($"{root}/ip", UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var script = CardNames.Command([("eth0", "52:55:55:00:00:01"), ("lima0", "52:55:55:00:00:02"), ("lima1", "52:55:55:00:00:03")])
                .Replace("/sys/class/net", $"{root}/sys/class/net");
            using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-eu", "-c", script]) { Environment = { ["PATH"] = $"{root}:/usr/bin:/bin" } })!;
            Assert.True(shell.WaitForExit(TimeSpan.FromMinutes(1)));
            Assert.Equal(0, shell.ExitCode);
            Assert.Equal(
                [
                    "link set ens3 down", "link set ens3 name eth0", "link set eth0 up", "link set ens4 down", "link set ens4 name lima1", "link set lima1 up", "-4 addr show dev eth0",
                ],
                File.ReadAllLines($"{root}/asked"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void Network_config_matches_the_card_by_its_address()
    {
        const string expected = """
            version: 2
            ethernets:
              eth0:
                match:
                  macaddress: "52:55:55:e7:b1:fa"
                dhcp4: true
                set-name: "eth0"
                dhcp4-overrides:
                  route-metric: 200
                dhcp-identifier: "mac"

            """;
        Assert.Equal(expected, CidataBuilder.Build(Seeds.With(spec => spec with { HostResolver = spec.HostResolver with { Enabled = false } })).Text("network-config"));
        Assert.Equal(expected + "    nameservers:\n      addresses:\n        - \"192.168.5.3\"\n", CidataBuilder.Build(Seeds.Minimal).Text("network-config"));
        const string servers = """
                nameservers:
                  addresses:
                    - "1.1.1.1"
                    - "fd00::1"

            """;
        Assert.Equal(expected + servers, CidataBuilder.Build(Seeds.With(spec => spec with { Dns = ["1.1.1.1", "fd00::1"] })).Text("network-config"));
    }

    [Fact]
    public void Variables_are_quoted_where_a_shell_needs_it()
    {
        var seed = CidataBuilder.Build(Seeds.With(spec => spec with
        {
            User = spec.User with { Comment = "Alice's $HOME" },
            Env = spec.Env.Add("Z", "1").Add("HTTP_PROXY", "http://proxy:3128"),
            Params = spec.Params.Add("FOO", "b a r"),
        }));
        var lines = seed.Text("lima.env").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                "LIMA_CIDATA_DEBUG=false", $"LIMA_CIDATA_IID={seed.InstanceId}", "LIMA_CIDATA_NAME=my.vm", "LIMA_CIDATA_HOSTNAME=lima-my-vm",
                "LIMA_CIDATA_USER=alice", "LIMA_CIDATA_UID=1001", "LIMA_CIDATA_COMMENT='Alice'\\''s $HOME'", "LIMA_CIDATA_HOME=/home/alice.guest",
                "LIMA_CIDATA_SHELL=/bin/bash", "LIMA_CIDATA_PLAIN=", "LIMA_CIDATA_PASSWORDLESS_SUDO=1", "LIMA_CIDATA_UPGRADE_PACKAGES=",
                "LIMA_CIDATA_TIMEZONE=", "LIMA_CIDATA_CA_CERTS_REMOVE_DEFAULTS=", "LIMA_CIDATA_SLIRP_GATEWAY=192.168.5.2", "LIMA_CIDATA_SLIRP_DNS=192.168.5.3",
                "LIMA_CIDATA_SLIRP_IP_ADDRESS=192.168.5.15", "LIMA_CIDATA_UDP_DNS_LOCAL_PORT=0", "LIMA_CIDATA_TCP_DNS_LOCAL_PORT=0", "LIMA_CIDATA_VMTYPE=qemu",
                "LIMA_CIDATA_AGENT=", "LIMA_CIDATA_GUEST_INSTALL_PREFIX=/usr/local", "LIMA_CIDATA_CONTAINERD_USER=", "LIMA_CIDATA_CONTAINERD_SYSTEM=", "LIMA_CIDATA_CONTAINERD_ASKED=",
                "LIMA_CIDATA_ROSETTA_ENABLED=false", "LIMA_CIDATA_ROSETTA_BINFMT=false", "LIMA_CIDATA_HOSTHOME_MOUNTPOINT=",
                "LIMA_CIDATA_MOUNTTYPE=9p", "LIMA_CIDATA_MOUNTS=0", "LIMA_CIDATA_DISKS=0", "LIMA_CIDATA_SKIP_DEFAULT_DEPENDENCY_RESOLUTION=",
            ], lines);
        Assert.Equal("PARAM_FOO='b a r'\n", seed.Text("param.env"));
        Assert.Equal("#LIMA-START\nHTTP_PROXY=\"http://proxy:3128\"\nZ=\"1\"\n#LIMA-END\n", seed.Text("etc_environment"));
    }

    [Fact]
    public void Provisioning_scripts_keep_their_place_in_the_list()
    {
        var seed = CidataBuilder.Build(Seeds.With(spec => spec with
        {
            Provision = [new("system", "one"), new("boot", "two"), new("user", "three"), new("system", "four")],
        }));
        Assert.Equal("one", seed.Text("provision.system/00000000"));
        Assert.Equal("three", seed.Text("provision.user/00000002"));
        Assert.Equal("four", seed.Text("provision.system/00000003"));
        Assert.Equal(3, seed.Files.Count(file => file.Path.StartsWith("provision.", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_instance_id_follows_the_content()
    {
        var seed = CidataBuilder.Build(Seeds.Minimal);
        Assert.Matches("^iid-[0-9a-f]{16}$", seed.InstanceId);
        Assert.Equal($"instance-id: {seed.InstanceId}\nlocal-hostname: lima-my-vm\n", seed.Text("meta-data"));
        Assert.Equal(seed.InstanceId, CidataBuilder.Build(Seeds.Minimal with { }).InstanceId);
        SeedInput[] others =
        [
            Seeds.With(spec => spec with { Timezone = "Etc/UTC" }),
            Seeds.With(spec => spec with { Provision = [new("system", "x")] }),
            Seeds.Minimal with { Mac = "52:55:55:00:00:01" },
            Seeds.Minimal with { Scripts = Seeds.Minimal.Scripts with { Files = [Seeds.File("boot.sh", "other")] } },
        ];
        Assert.DoesNotContain(seed.InstanceId, others.Select(other => CidataBuilder.Build(other).InstanceId));
    }

    [Theory]
    [InlineData("user.name", "root")]
    [InlineData("user.name", "two words")]
    [InlineData("user.uid", "0")]
    [InlineData("user.uid", "-5")]
    [InlineData("user.shell", "bash")]
    [InlineData("user.home", "alice")]
    [InlineData("user.comment", "a:b")]
    [InlineData("dns", "dns.example")]
    [InlineData("env", "BAD-NAME")]
    [InlineData("param.KEY", "two\nlines")]
    [InlineData("provision[0].mode", "lua")]
    public void A_field_that_would_break_the_guest_is_named(string field, string value)
    {
        var input = Seeds.With(spec => field switch
        {
            "user.name" => spec with { User = spec.User with { Name = value } },
            "user.uid" => spec with { User = spec.User with { Uid = int.Parse(value) } },
            "user.shell" => spec with { User = spec.User with { Shell = value } },
            "user.home" => spec with { User = spec.User with { Home = value } },
            "user.comment" => spec with { User = spec.User with { Comment = value } },
            "dns" => spec with { Dns = [value] },
            "env" => spec with { Env = spec.Env.Add(value, "x") },
            "param.KEY" => spec with { Params = spec.Params.Add("KEY", value) },
            _ => spec with { Provision = [new(value, "x")] },
        });
        var failure = Assert.Throws<DriverException>(() => CidataBuilder.Build(input));
        Assert.Equal("seed-invalid", failure.Cause.Code);
        Assert.Contains("`my.vm`", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"`{field}", failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Cause.Hint);
    }

    [Fact]
    public void Files_to_write_and_to_change_lie_at_their_place_with_what_they_need()
    {
        var seed = CidataBuilder.Build(Seeds.With(spec => spec with
        {
            Provision =
            [
                new("dependency", "one"), new("data", "") { File = new ProvisionFile("/etc/a b") { Content = "some text", Overwrite = false, Owner = "alice:" } },
                new("yq", "") { File = new ProvisionFile("/etc/c.json") { Expression = ".a = 1", Permissions = "600" } },
            ],
        }) with { GuestProgram = new byte[] { 1, 2 } });
        Assert.Equal(
            ["lima-guestagent", "provision.data/00000001", "provision.dependency/00000000", "provision.yq/00000002"],
            seed.Files.Select(file => file.Path).Where(path => path.StartsWith("provision.", StringComparison.Ordinal) || path == "lima-guestagent").Order(StringComparer.Ordinal));
        Assert.Equal(("one", "some text", ".a = 1"), (seed.Text("provision.dependency/00000000"), seed.Text("provision.data/00000001"), seed.Text("provision.yq/00000002")));
        Assert.Equal([1, 2], seed.Files.Single(file => file.Path == "lima-guestagent").Content.ToArray());
        var variables = seed.Text("lima.env");
        foreach (var line in (string[])["DATAFILE_00000001_OVERWRITE=false", "DATAFILE_00000001_OWNER=alice:", "DATAFILE_00000001_PATH='/etc/a b'", "DATAFILE_00000001_PERMISSIONS=644",
            "YQ_PROVISION_00000002_FORMAT=auto", "YQ_PROVISION_00000002_OWNER=root:root", "YQ_PROVISION_00000002_PATH=/etc/c.json", "YQ_PROVISION_00000002_PERMISSIONS=600"])
            Assert.Contains($"LIMA_CIDATA_{line}\n", variables, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Linux", false, false, true, true)]
    [InlineData("Linux", true, false, false, false)]
    [InlineData("Linux", true, true, true, false)]
    [InlineData("FreeBSD", false, false, false, false)]
    public void The_guest_has_its_program_where_something_needs_it_and_an_agent_unless_it_is_plain(string os, bool isPlain, bool hasYq, bool isThere, bool isAgent)
    {
        var input = Seeds.With(spec => spec with { Os = os, Plain = isPlain, Provision = hasYq ? [new("yq", "") { File = new ProvisionFile("/a.json") { Expression = ".a = 1" } }] : [] });
        var seed = CidataBuilder.Build(input with { GuestProgram = new byte[] { 1 } });
        Assert.Equal(isThere, seed.Files.Any(file => file.Path == "lima-guestagent"));
        Assert.Contains($"LIMA_CIDATA_AGENT={(isAgent ? "4bf5122f344554c5" : "")}\n", seed.Text("lima.env"), StringComparison.Ordinal);
        if (!hasYq) Assert.Contains("LIMA_CIDATA_AGENT=\n", CidataBuilder.Build(input).Text("lima.env"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_changed_without_the_guests_program_is_named()
    {
        var input = Seeds.With(spec => spec with { Provision = [new("yq", "") { File = new ProvisionFile("/etc/a.yaml") { Expression = ".a = 1", Format = "auto" } }] });
        var failure = Assert.Throws<DriverException>(() => CidataBuilder.Build(input with { GuestProgram = default }));
        Assert.Contains("there is no `lima-guestagent.Linux-x86_64`", failure.Message, StringComparison.Ordinal);
        Assert.Contains("`provision[0]`", failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Cause.Hint);
    }

    [Fact]
    public void Without_a_key_there_is_no_seed()
    {
        Assert.Throws<DriverException>(() => CidataBuilder.Build(Seeds.Minimal with { AuthorizedKeys = [] }));
        Assert.Throws<DriverException>(() => CidataBuilder.Build(Seeds.Minimal with { AuthorizedKeys = ["ssh-rsa A\nssh-rsa B"] }));
    }

    [Fact]
    public void Plain_mode_leaves_dependencies_out()
    {
        var seed = CidataBuilder.Build(Seeds.With(spec => spec with { Plain = true, Provision = [new("dependency", "x")] }));
        Assert.DoesNotContain(seed.Files, file => file.Path.StartsWith("provision.", StringComparison.Ordinal));
        Assert.Contains("LIMA_CIDATA_PLAIN=1\n", seed.Text("lima.env"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_is_private_written_once_and_complete()
    {
        if (!Need.Programs(output, "isoinfo")) return;
        using var directory = new TemporaryDirectory();
        var path = directory["cidata.iso"];
        var first = CidataBuilder.Write(path, Seeds.Minimal);
        Assert.True(first.Changed);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(first with { Changed = false }, CidataBuilder.Write(path, Seeds.Minimal));
        Assert.True(CidataBuilder.Write(path, Seeds.Minimal with { Debug = true }).Changed);

        CidataBuilder.Write(path, Seeds.Minimal);
        foreach (var file in CidataBuilder.Build(Seeds.Minimal).Files)
            Assert.Equal(file.Content.ToArray(), IsoInfo.Content(path, file.Path));
    }
}
