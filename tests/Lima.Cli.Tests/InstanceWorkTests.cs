using System.Text.Json;
using Lima.Cli.Client;
using Lima.Cli.Shell;
using Lima.Cli.Tests.Support;
using Lima.Contracts;

namespace Lima.Cli.Tests;

/// <summary>Protection, factory reset, <c>show-ssh</c>, <c>autostart</c>, disks, networks and <c>prune</c>.</summary>
public sealed class InstanceWorkTests : IDisposable
{
    private readonly CliRun _cli = new();
    private FakeHost? _host;

    public void Dispose()
    {
        _host?.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task Protecting_says_what_changed_and_warns_when_nothing_did()
    {
        Answer(r => r.Path.Contains("/none/", StringComparison.Ordinal)
            ? Views.NotFound("none")
            : Views.Accepted(Views.Instance("web", "Stopped"), changed: r.Path.EndsWith("/protect", StringComparison.Ordinal)));
        var done = await _cli.LimactlAsync("protect", "web");
        Assert.Equal((0, "level=info msg=\"Protected `web`\"\n"), (done.Exit, done.Messages));
        var skipped = await _cli.LimactlAsync("unprotect", "web");
        Assert.Equal((0, "level=warning msg=\"Instance `web` isn't protected. Skipping.\"\n"), (skipped.Exit, skipped.Messages));
        var unknown = await _cli.LimactlAsync("protect", "none");
        Assert.Equal(1, unknown.Exit);
        Assert.Contains("failed to inspect instance `none`", unknown.Messages, StringComparison.Ordinal);
        Assert.Equal(2, (await _cli.LimactlAsync("protect")).Exit);
    }

    [Fact]
    public async Task A_factory_reset_waits_and_one_of_nothing_is_fine()
    {
        Answer(r => r.Path.Contains("/none/", StringComparison.Ordinal) ? Views.NotFound("none")
            : r.Path.Contains("/follow", StringComparison.Ordinal) ? FakeReply.Events(FakeReply.Settled(Views.Instance("web", "Stopped")))
            : Views.Accepted(Views.Instance("web", "Running", "resetting")));
        var done = await _cli.LimactlAsync("factory-reset", "web");
        Assert.Equal(0, done.Exit);
        Assert.Contains("Instance `web` has been factory reset", done.Messages, StringComparison.Ordinal);
        var none = await _cli.LimactlAsync("factory-reset", "none");
        Assert.Equal((0, "level=info msg=\"Instance `none` not found\"\n"), (none.Exit, none.Messages));
    }

    [Theory]
    [InlineData("cmd", "ssh -o 'IdentityFile=\"/h/user\"' -o User=me -o Port=60022 lima-web\n")]
    [InlineData("args", "-o 'IdentityFile=\"/h/user\"' -o User=me -o Port=60022\n")]
    [InlineData("options", "IdentityFile=\"/h/user\"\nUser=me\nPort=60022\n")]
    [InlineData("config", "Host lima-web\n  IdentityFile \"/h/user\"\n  User me\n  Port 60022\n")]
    public async Task Show_ssh_writes_what_ssh_config_says(string format, string expected)
    {
        var file = Path.Combine(_cli.Path, "ssh.config");
        await File.WriteAllTextAsync(file, "# words\nHost lima-web\n  IdentityFile \"/h/user\"\n  User me\n  Port 60022\n");
        Answer(_ => Views.One(Views.Instance("web") with { SshConfigFile = file }));
        var result = await _cli.LimactlAsync("show-ssh", "-f", format, "web");
        Assert.Equal((0, expected), (result.Exit, result.Out));
        Assert.Contains($"`limactl show-ssh` is deprecated. Instead, use `ssh -F {file} lima-web`.", result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_ssh_refuses_line_breaks_unknown_formats_and_what_was_never_started()
    {
        var file = Path.Combine(_cli.Path, "ssh.config");
        Answer(_ => Views.One(Views.Instance("web") with { SshConfigFile = file }));
        var never = await _cli.LimactlAsync("show-ssh", "web");
        Assert.Equal(1, never.Exit);
        Assert.Contains("was never started", never.Messages, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "Host lima-web\n  User me\rProxyCommand=evil\n");
        var broken = await _cli.LimactlAsync("show-ssh", "--format=config", "web");
        Assert.Equal((1, ""), (broken.Exit, broken.Out));
        Assert.Contains("contains a line break", broken.Messages, StringComparison.Ordinal);
        Assert.Throws<CliException>(() => SshOptions.Text("options", "lima-web", ["User=me\nProxyCommand=evil"]));
        Assert.Equal(2, (await _cli.LimactlAsync("show-ssh", "--format=url", "web")).Exit);
    }

    [Fact]
    public async Task Autostart_writes_Limas_unit_and_has_systemd_enable_it()
    {
        Answer(_ => Views.One(Views.Instance("docker", "Stopped")));
        var calls = Systemctl("exit 0");
        var result = await _cli.LimactlAsync("autostart", "enable", "docker");
        Assert.Equal((0, "level=info msg=\"Instance `docker` registered to start at login\"\n"), (result.Exit, result.Messages));
        var unit = Path.Combine(_cli.UserHome, ".config/systemd/user/lima-vm@docker.service");
        var text = await File.ReadAllTextAsync(unit);
        Assert.Contains($"ExecStart=\"{Path.Combine(_cli.Path, "bin/limactl")}\" start %i --foreground\n", text, StringComparison.Ordinal);
        Assert.Contains("Restart=on-failure\n", text, StringComparison.Ordinal);
        Assert.Contains($"Environment=\"LIMA_HOME={_cli.Home}\"\n", text, StringComparison.Ordinal);
        Assert.Contains("WantedBy=default.target\n", text, StringComparison.Ordinal);
        Assert.Contains("--user enable lima-vm@docker.service", await File.ReadAllTextAsync(calls), StringComparison.Ordinal);

        var off = await _cli.LimactlAsync("start-at-login", "--enabled=false", "docker");
        Assert.Equal(0, off.Exit);
        Assert.Contains("deprecated, use `limactl autostart` instead", off.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(unit));
        Assert.Contains("--user disable lima-vm@docker.service", await File.ReadAllTextAsync(calls), StringComparison.Ordinal);
        var again = await _cli.LimactlAsync("autostart", "disable", "docker");
        Assert.Equal((0, "level=info msg=\"Instance `docker` is not registered for automatic startup\"\n"), (again.Exit, again.Messages));
    }

    [Fact]
    public async Task Autostart_says_why_it_cannot()
    {
        Answer(r => r.Path.Contains("none", StringComparison.Ordinal) ? Views.NotFound("none") : Views.One(Views.Instance("web", "Stopped")));
        var without = await _cli.LimactlAsync("autostart", "enable", "web");
        Assert.Equal(1, without.Exit);
        Assert.Contains("systemd does not run on this machine", without.Messages, StringComparison.Ordinal);
        var boot = await _cli.LimactlAsync("autostart", "enable", "--condition=boot", "web");
        Assert.Equal(1, boot.Exit);
        Assert.Contains("--condition=boot is only supported on macOS", boot.Messages, StringComparison.Ordinal);
        Assert.Contains("instance `none` not found", (await _cli.LimactlAsync("autostart", "enable", "none")).Messages, StringComparison.Ordinal);
        Assert.Equal(2, (await _cli.LimactlAsync("autostart", "enable", "--condition=noon", "web")).Exit);
        Systemctl("echo 'no bus' >&2; exit 1");
        var refused = await _cli.LimactlAsync("autostart", "enable", "web");
        Assert.Equal(1, refused.Exit);
        Assert.Contains("systemd does not manage this user's session: no bus", refused.Messages, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_cli.UserHome, ".config")));
    }

    [Fact]
    public async Task A_deleted_instance_is_not_started_at_login_any_more()
    {
        Answer(r => r.Path.Contains("/follow", StringComparison.Ordinal)
            ? FakeReply.Events(FakeReply.Event(StreamNames.Gone, new EventList([]), ContractsJson.Default.EventList))
            : Views.Accepted(Views.Instance("web", "Stopped", "deleting")));
        var unit = Path.Combine(_cli.UserHome, ".config/systemd/user", AutostartUnit.NameOf("web"));
        Directory.CreateDirectory(Path.GetDirectoryName(unit)!);
        await File.WriteAllTextAsync(unit, "[Unit]\n");
        Assert.Equal(0, (await _cli.LimactlAsync("delete", "web")).Exit);
        Assert.False(File.Exists(unit));
    }

    [Fact]
    public async Task Disks_are_listed_as_a_table_and_as_json()
    {
        var data = new DiskView { Name = "data", Size = 10L << 30, Format = "qcow2", Dir = "/l/_disks/data", Instance = "web", InstanceDir = "/l/web", MountPoint = "/mnt/lima-data" };
        Answer(_ => FakeReply.Json(new DiskList([data]), ContractsJson.Default.DiskList));
        var table = await _cli.LimactlAsync("disk", "ls");
        Assert.Equal("NAME    SIZE     FORMAT    DIR               IN-USE-BY\ndata    10GiB    qcow2     /l/_disks/data    web\n", table.Out);
        var json = await _cli.LimactlAsync("disk", "list", "--json", "data", "none");
        Assert.Equal(
            "{\"name\":\"data\",\"size\":10737418240,\"format\":\"qcow2\",\"dir\":\"/l/_disks/data\",\"instance\":\"web\",\"instanceDir\":\"/l/web\",\"mountPoint\":\"/mnt/lima-data\",\"allocated\":0}\n",
            json.Out);
        Assert.Contains("No disk matching none found.", json.Messages, StringComparison.Ordinal);
        Assert.Contains("No disk found. Run `limactl disk create DISK --size SIZE` to create a disk.", (await _cli.LimactlAsync("disk", "ls", "none")).Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disks_are_made_with_a_size_and_a_format()
    {
        var disk = new DiskView { Name = "data", Dir = "/d" };
        Answer(r => r.Method == "GET"
            ? FakeReply.Json(new DiskList([disk]), ContractsJson.Default.DiskList)
            : FakeReply.Json(disk, ContractsJson.Default.DiskView));
        var made = await _cli.LimactlAsync("disk", "create", "data", "--size", "10GiB", "--format=raw");
        Assert.Equal(0, made.Exit);
        Assert.Contains("Creating raw disk `data` with size 10GiB", made.Messages, StringComparison.Ordinal);
        var request = JsonSerializer.Deserialize(Assert.Single(_host!.Requests).Body, ContractsJson.Default.CreateDiskRequest)!;
        Assert.Equal(("data", 10L << 30, "raw", null), (request.Name, request.Size, request.Format, request.Import));
        Assert.Equal(2, (await _cli.LimactlAsync("disk", "create", "data")).Exit);
        Assert.Equal(2, (await _cli.LimactlAsync("disk", "create", "data", "--size=much")).Exit);
        var format = await _cli.LimactlAsync("disk", "create", "data", "--size=1GiB", "--format=vmdk");
        Assert.Equal(2, format.Exit);
        Assert.Contains("disk format `vmdk` not supported, use `qcow2` or `raw` instead", format.Messages, StringComparison.Ordinal);
        var resized = await _cli.LimactlAsync("disk", "resize", "data", "--size=20GiB");
        Assert.Contains("Resized disk `data` (`/d`)", resized.Messages, StringComparison.Ordinal);
        Assert.Equal(1, (await _cli.LimactlAsync("disk", "import", "data", "none.img")).Exit);
    }

    [Fact]
    public async Task Deleting_and_unlocking_disks_skips_what_is_missing_or_needed()
    {
        Answer(r => r.Path.Split('/')[3] switch
        {
            "none" => FakeReply.Error(404, "disk-not-found", "disk `none` does not exist"),
            "named" => FakeReply.Error(409, "disk-referred", "disk `named` is referenced by one or more non-running instances: `web`"),
            "used" => FakeReply.Error(409, "disk-in-use", "cannot unlock disk `used` used by running instance `web`"),
            var name => FakeReply.Json(new DiskView { Name = name, Dir = "/d", Instance = "web" }, ContractsJson.Default.DiskView),
        });
        var deleted = await _cli.LimactlAsync("disk", "delete", "none", "named", "data");
        Assert.Equal(0, deleted.Exit);
        Assert.Equal(
            "level=warning msg=\"Ignoring non-existent disk `none`\"\n"
            + "level=warning msg=\"Skipping deleting disk `named`, disk is referenced by one or more non-running instances: `web`\"\n"
            + "level=warning msg=\"To delete anyway, run `limactl disk delete --force named`\"\n"
            + "level=info msg=\"Deleted `data` (`/d`)\"\n", deleted.Messages);
        var unlocked = await _cli.LimactlAsync("disk", "unlock", "used", "data");
        Assert.Equal(0, unlocked.Exit);
        Assert.Equal(
            "level=warning msg=\"Cannot unlock disk `used` used by running instance `web`\"\nlevel=info msg=\"Unlocked disk `data` (`/d`)\"\n", unlocked.Messages);
        Assert.Equal(1, (await _cli.LimactlAsync("disk", "delete", "used")).Exit);
    }

    [Fact]
    public async Task Networks_are_listed_created_and_deleted_in_their_file()
    {
        var first = await _cli.LimactlAsync("network", "list");
        Assert.Equal(
            "NAME       MODE       GATEWAY             INTERFACE    MEMBERS\nbridged    bridged    -                   en0          -\n"
            + "host       host       192.168.106.1/24    -            -\nshared     shared     192.168.105.1/24    -            -\n"
            + "user-v2    user-v2    192.168.104.1/24    -            -\n", first.Out);
        var file = Path.Combine(_cli.Home, "_config/networks.yaml");
        await File.AppendAllTextAsync(file, "# at the end\n");
        Assert.Equal(0, (await _cli.LimactlAsync("network", "create", "dev", "--gateway=192.168.42.1")).Exit);
        Assert.Equal("{\"name\":\"dev\",\"mode\":\"user-v2\",\"gateway\":\"192.168.42.1\",\"netmask\":\"255.255.255.0\"}\n", (await _cli.LimactlAsync("network", "ls", "--json", "dev")).Out);
        var taken = await _cli.LimactlAsync("network", "create", "dev", "--gateway=10.0.0.1/8");
        Assert.Equal(1, taken.Exit);
        Assert.Contains("network `dev` already exists", taken.Messages, StringComparison.Ordinal);
        Assert.Equal(1, (await _cli.LimactlAsync("network", "delete", "dev")).Exit);
        Answer(_ => FakeReply.Json(new NetworkList([new NetworkView { Name = "dev" }]), ContractsJson.Default.NetworkList));
        Assert.Equal(0, (await _cli.LimactlAsync("network", "delete", "--force", "dev", "none")).Exit);
        Assert.Equal(first.Out, (await _cli.LimactlAsync("network", "list")).Out);
        Assert.Contains("# at the end", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Contains("No network matching dev found.", (await _cli.LimactlAsync("network", "ls", "dev")).Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Networks_show_who_is_attached_and_are_not_deleted_while_somebody_uses_them()
    {
        var kept = new NetworkView
        {
            Name = "user-v2", Gateway = "192.168.104.2", Users = ["a", "b"],
            Members = [new("a", "52:55:55:00:00:01", "192.168.104.3"), new("c", "52:55:55:00:00:02", "192.168.104.4")],
        };
        Answer(_ => FakeReply.Json(new NetworkList([kept]), ContractsJson.Default.NetworkList));
        Assert.Equal(
            "NAME       MODE       GATEWAY             INTERFACE    MEMBERS\nuser-v2    user-v2    192.168.104.1/24    -            a=192.168.104.3,c=192.168.104.4\n",
            (await _cli.LimactlAsync("network", "list", "user-v2")).Out);
        Assert.Equal(
            "{\"name\":\"user-v2\",\"mode\":\"user-v2\",\"gateway\":\"192.168.104.1\",\"netmask\":\"255.255.255.0\",\"gatewayAddress\":\"192.168.104.2\","
            + "\"users\":[\"a\",\"b\"],\"members\":[{\"instance\":\"a\",\"macAddress\":\"52:55:55:00:00:01\",\"address\":\"192.168.104.3\"},"
            + "{\"instance\":\"c\",\"macAddress\":\"52:55:55:00:00:02\",\"address\":\"192.168.104.4\"}]}\n",
            (await _cli.LimactlAsync("network", "list", "--json", "user-v2")).Out);
        var refused = await _cli.LimactlAsync("network", "delete", "--force", "user-v2");
        Assert.Equal(1, refused.Exit);
        Assert.Contains("cannot delete network `user-v2` in use by instances `a`, `b`, `c`", refused.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("network mode `user-v2` requires specifying gateway", "create", "n")]
    [InlineData("network mode `shared` does not support specifying interface", "create", "n", "--mode=shared", "--gateway=10.0.0.1", "--interface=en0")]
    [InlineData("network mode `bridged` requires specifying interface", "create", "n", "--mode=bridged")]
    [InlineData("network mode `bridged` does not support specifying gateway", "create", "n", "--mode=bridged", "--gateway=10.0.0.1")]
    [InlineData("failed to parse CIDR `10.0.0.1/99`", "create", "n", "--gateway=10.0.0.1/99")]
    [InlineData("failed to parse CIDR `ten`", "create", "n", "--gateway=ten")]
    [InlineData("invalid IP address: 127.0.0.1", "create", "n", "--gateway=127.0.0.1")]
    [InlineData("netmask of network `n` must be between 255.0.0.0 and 255.255.255.248", "create", "n", "--gateway=10.0.0.1/31")]
    [InlineData("unknown network mode `vde`", "create", "n", "--mode=vde")]
    [InlineData("network name `a b` is invalid", "create", "a b", "--gateway=10.0.0.1")]
    public async Task A_network_that_makes_no_sense_is_refused(string message, params string[] arguments)
    {
        var result = await _cli.LimactlAsync(["network", .. arguments]);
        Assert.Equal(2, result.Exit);
        Assert.Contains(message, result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_networks_that_cannot_be_read_is_told_with_its_lines()
    {
        Directory.CreateDirectory(Path.Combine(_cli.Home, "_config"));
        await File.WriteAllTextAsync(Path.Combine(_cli.Home, "_config/networks.yaml"), "networks:\n  a: {mode: x}\n");
        var result = await _cli.LimactlAsync("network", "list");
        Assert.Equal(1, result.Exit);
        Assert.Contains("networks.yaml:2:3: field `networks.a`: mode of network `a` must be one of", result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pruning_says_what_went_and_what_stays()
    {
        var image = new ImageView("k", "https://example.com/a.img", 3 << 20, default, null);
        Answer(_ => FakeReply.Json(new PruneReply([image], [image with { Location = "recipe:tiny" }]), ContractsJson.Default.PruneReply));
        var all = await _cli.LimactlAsync("prune");
        Assert.Equal(0, all.Exit);
        Assert.Contains("Removed `https://example.com/a.img` (3MiB)", all.Messages, StringComparison.Ordinal);
        Assert.Contains("Kept `recipe:tiny`: disks of instances lie on it", all.Messages, StringComparison.Ordinal);
        var templates = Directory.CreateDirectory(Path.Combine(_cli.Home, "_templates")).FullName;
        await File.WriteAllTextAsync(Path.Combine(templates, "mine.yaml"), "images:\n- {location: \"https://example.com/t.img\", arch: x86_64, kernel: {location: /k}}\n");
        await File.WriteAllTextAsync(Path.Combine(templates, "broken.yaml"), "cpus: x\n");
        var kept = await _cli.LimactlAsync("prune", "--keep-referred");
        Assert.Contains("template `broken` cannot be read", kept.Messages, StringComparison.Ordinal);
        var requests = _host!.Requests.Select(r => JsonSerializer.Deserialize(r.Body, ContractsJson.Default.PruneRequest)!).ToList();
        Assert.Equal((false, 0), (requests[0].KeepReferred, requests[0].Keep.Count));
        Assert.True(requests[1].KeepReferred);
        Assert.Equal(["/k", "https://example.com/t.img"], requests[1].Keep.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Names_of_disks_networks_and_instances_are_completed()
    {
        Answer(r => r.Path == "/v1/disks" ? FakeReply.Json(new DiskList([new DiskView { Name = "data" }]), ContractsJson.Default.DiskList) : Views.List(Views.Instance("web")));
        Assert.Equal("data\n", (await _cli.LimactlAsync("__complete", "disk", "resize", "")).Out);
        Assert.Equal("bridged\nhost\nshared\nuser-v2\n", (await _cli.LimactlAsync("__complete", "network", "delete", "")).Out);
        Assert.Equal("attach\ncreate\ndelete\ndetach\nimport\nlist\nresize\nunlock\n", (await _cli.LimactlAsync("__complete", "disk", "")).Out);
        foreach (var verb in new[] { "edit", "clone", "rename", "factory-reset", "protect", "unprotect", "show-ssh" })
            Assert.Equal("web\n", (await _cli.LimactlAsync("__complete", verb, "")).Out);
        Assert.Equal("web\n", (await _cli.LimactlAsync("__complete", "autostart", "enable", "")).Out);
        Assert.False(File.Exists(Path.Combine(_cli.Home, "_config/networks.yaml")));
    }

    private void Answer(Func<FakeRequest, FakeReply> answer) => _host = new FakeHost(_cli.Home, answer);

    /// <summary>Puts a <c>systemctl</c> in PATH that writes down what it is told; the file that it writes to.</summary>
    private string Systemctl(string script)
    {
        _cli.Systemd = true;
        var (program, calls) = (Path.Combine(_cli.Path, "systemctl"), Path.Combine(_cli.Path, "calls"));
        File.WriteAllText(program, $"#!/bin/sh\necho \"$@\" >> '{calls}'\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _cli.Environment["PATH"] = $"{_cli.Path}:/usr/bin:/bin";
        return calls;
    }
}
