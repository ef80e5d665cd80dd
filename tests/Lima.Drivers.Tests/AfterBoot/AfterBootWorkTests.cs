using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.AfterBoot;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Drivers.Ssh;
using Lima.Drivers.Tests.CloudInit;
using Lima.Drivers.Tests.Ssh;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.AfterBoot;

/// <summary>Files copied out of a guest, which is this machine behind a real SSH server; and playbooks.</summary>
public sealed class AfterBootWorkTests : IDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly TemporaryDirectory _directory = new();
    private readonly AfterBootWork _work = new();
    private readonly InstanceDirectory _instance;

    public AfterBootWorkTests(ITestOutputHelper output)
    {
        _output = output;
        _instance = new LimaHome(_directory.Path).Instance(VmName.Parse("web"));
        Directory.CreateDirectory(_instance.Path);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Bytes_arrive_as_they_are_for_the_owner_alone()
    {
        await using var server = await ServerAsync();
        if (server is null) return;
        var bytes = Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7)).ToArray();
        await File.WriteAllBytesAsync(_directory["it's \"here\" $x"], bytes);
        await CopyAsync(new CopyToHostSpec(_directory["it's \"here\" $x"], _directory["a/b/copy"]));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_directory["a/b/copy"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["a/b/copy"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory["a/b"]));
        Assert.Single(Directory.GetFiles(_directory["a/b"]));
    }

    [Fact]
    public async Task A_symbolic_link_is_replaced_and_what_it_leads_to_is_left_alone()
    {
        await using var server = await ServerAsync();
        if (server is null) return;
        await File.WriteAllTextAsync(_directory["from"], "new");
        await File.WriteAllTextAsync(_directory["other"], "old");
        File.CreateSymbolicLink(_directory["link"], _directory["other"]);
        await CopyAsync(new CopyToHostSpec(_directory["from"], _directory["link"]));
        Assert.Equal(("old", "new"), (await File.ReadAllTextAsync(_directory["other"]), await File.ReadAllTextAsync(_directory["link"])));
        Assert.Null(new FileInfo(_directory["link"]).LinkTarget);
    }

    [Fact]
    public async Task What_is_missing_is_named_unless_it_may_be_and_the_others_are_copied()
    {
        await using var server = await ServerAsync();
        if (server is null) return;
        await File.WriteAllTextAsync(_directory["from"], "new");
        var failure = await Assert.ThrowsAsync<DriverException>(() => CopyAsync(
            new CopyToHostSpec(_directory["none"], _directory["x"]), new CopyToHostSpec(_directory["maybe"], _directory["y"], SkipIfMissing: true),
            new CopyToHostSpec(_directory["from"], _directory["z"])));
        Assert.Contains($"`{_directory["none"]}` of instance `web` could not be copied", failure.Message, StringComparison.Ordinal);
        Assert.Contains("No such file or directory", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("maybe", failure.Message, StringComparison.Ordinal);
        Assert.Equal((false, false, true), (File.Exists(_directory["x"]), File.Exists(_directory["y"]), File.Exists(_directory["z"])));
        Assert.Empty(Directory.GetFiles(_directory.Path, "*.tmp"));
    }

    [Fact]
    public async Task What_was_there_stays_when_a_copy_fails()
    {
        await File.WriteAllTextAsync(_directory["copy"], "old");
        await File.WriteAllTextAsync(_instance.SshConfig, "Host lima-web\n  Hostname 127.0.0.1\n  Port 1\n  BatchMode yes\n");
        if (!Need.Programs(_output, "ssh")) return;
        await Assert.ThrowsAsync<DriverException>(() => CopyAsync(new CopyToHostSpec("/etc/hostname", _directory["copy"])));
        Assert.Equal("old", await File.ReadAllTextAsync(_directory["copy"]));
    }

    [Fact]
    public void Copies_go_with_the_stop_where_that_is_wanted()
    {
        foreach (var name in (string[])["goes", "stays"]) File.WriteAllText(_directory[name], "x");
        _work.RemoveCopies(Seeds.Spec with
        {
            CopyToHost = [new("/a", _directory["goes"], DeleteOnStop: true), new("/a", _directory["stays"]), new("/a", _directory["never/was"], DeleteOnStop: true)],
        });
        Assert.Equal((false, true), (File.Exists(_directory["goes"]), File.Exists(_directory["stays"])));
    }

    [Fact]
    public void The_inventory_leads_to_the_instance_by_its_ssh_config() => Assert.Equal(
        $"lima:\n  hosts:\n    \"web\":\n      ansible_connection: \"ssh\"\n      ansible_host: \"lima-web\"\n      ansible_ssh_common_args: \"-F {_instance.SshConfig}\"\n",
        AfterBootWork.Inventory(_instance));

    [Fact]
    public async Task Without_ansible_the_playbook_is_named()
    {
        var spec = Seeds.Spec with { Provision = [new("system", "x"), new("ansible", "") { Playbook = _directory["no-playbook.yaml"] }] };
        var failure = await Assert.ThrowsAsync<DriverException>(() => _work.PlayAsync(spec, _instance, CancellationToken.None));
        Assert.Contains("provision[1] (mode ansible)", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Programs.Find("ansible-playbook") is null ? "not installed" : "ended with status", failure.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_instance.Path, "ansible-inventory.yaml")));
    }

    private Task CopyAsync(params ImmutableArray<CopyToHostSpec> rules) =>
        _work.CopyToHostAsync(Seeds.Spec with { CopyToHost = rules }, _instance, CancellationToken.None);

    private async Task<SshServer?> ServerAsync()
    {
        if (!Need.Programs(_output, "ssh")) return null;
        if (await SshServer.StartAsync(_output) is not { } server) return null;
        await File.WriteAllTextAsync(_instance.SshConfig, $"""
            Host lima-web
              Hostname 127.0.0.1
              Port {server.Target.Port}
              User {server.Target.User}
              IdentityFile {server.Target.PrivateKey}
              BatchMode yes
              StrictHostKeyChecking no
              UserKnownHostsFile /dev/null
              LogLevel ERROR

            """);
        return server;
    }
}
