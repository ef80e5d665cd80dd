using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Ssh;

public sealed class SshKeysTests(ITestOutputHelper output) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _directory = new();

    private LimaHome Home => new(_directory["home"]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_users_pair_is_made_once_and_private()
    {
        if (!Need.Programs(output, "ssh-keygen")) return;
        var made = await new SshKeys().EnsureUserKeyAsync(Home, CancellationToken.None);
        Assert.StartsWith("ssh-ed25519 AAAA", made.PublicLine, StringComparison.Ordinal);
        Assert.EndsWith(" lima", made.PublicLine, StringComparison.Ordinal);
        Assert.Equal(Home.UserKey, made.PrivateFile);
        Assert.Equal(Private, File.GetUnixFileMode(made.PrivateFile));
        Assert.Equal(Private | UnixFileMode.UserExecute, File.GetUnixFileMode(Home.ConfigDirectory));
        Assert.Equal(made.PublicLine + "\n", File.ReadAllText(made.PrivateFile + ".pub"));
        Assert.Equal(2, Directory.GetFileSystemEntries(Home.ConfigDirectory).Length);
        Assert.Equal(made, await new SshKeys().EnsureUserKeyAsync(Home, CancellationToken.None));
    }

    [Fact]
    public async Task Many_at_once_get_the_same_pair()
    {
        if (!Need.Programs(output, "ssh-keygen")) return;
        var pairs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => new SshKeys().EnsureUserKeyAsync(Home, CancellationToken.None)));
        Assert.Single(pairs.Distinct());
    }

    [Fact]
    public async Task A_lost_public_half_is_made_again_and_a_readable_private_one_is_closed()
    {
        if (!Need.Programs(output, "ssh-keygen")) return;
        var made = await new SshKeys().EnsureUserKeyAsync(Home, CancellationToken.None);
        File.Delete(made.PrivateFile + ".pub");
        File.SetUnixFileMode(made.PrivateFile, Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Assert.Equal(made, await new SshKeys().EnsureUserKeyAsync(Home, CancellationToken.None));
        Assert.Equal(Private, File.GetUnixFileMode(made.PrivateFile));
    }

    [Fact]
    public async Task Every_instance_has_a_host_key_of_its_own()
    {
        if (!Need.Programs(output, "ssh-keygen")) return;
        var one = await new SshKeys().EnsureHostKeyAsync(Home.Instance(VmName.Parse("one")), CancellationToken.None);
        var two = await new SshKeys().EnsureHostKeyAsync(Home.Instance(VmName.Parse("two")), CancellationToken.None);
        Assert.Equal(Home.Instance(VmName.Parse("one")).SshHostKey, one.PrivateFile);
        Assert.NotEqual(one.PublicLine, two.PublicLine);
    }

    [Fact]
    public async Task A_missing_program_is_named_with_a_way_out()
    {
        var failure = await Assert.ThrowsAsync<DriverException>(
            () => new SshKeys("no-such-ssh-keygen").EnsureUserKeyAsync(Home, CancellationToken.None));
        Assert.Equal("ssh-keygen", failure.Cause.Code);
        Assert.Contains("no-such-ssh-keygen", failure.Message, StringComparison.Ordinal);
        Assert.Contains("openssh-client", failure.Cause.Hint, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Home.ConfigDirectory));
    }

    [Fact]
    public async Task A_file_that_is_no_key_is_named()
    {
        if (!Need.Programs(output, "ssh-keygen")) return;
        Directory.CreateDirectory(Home.ConfigDirectory);
        File.WriteAllText(Home.UserKey, "nonsense");
        var failure = await Assert.ThrowsAsync<DriverException>(() => new SshKeys().EnsureUserKeyAsync(Home, CancellationToken.None));
        Assert.Contains(Home.UserKey, failure.Message, StringComparison.Ordinal);
        Assert.Equal("nonsense", File.ReadAllText(Home.UserKey));
    }

    [Fact]
    public void The_users_own_keys_are_read_and_what_is_none_is_passed_over()
    {
        const string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILdLeGGqMiqKS2SFhZeFkGDL5T993u+0RrpwXZOvf+0B me";
        File.WriteAllText(_directory["b.pub"], key + "\n");
        File.WriteAllText(_directory["a.pub"], "ssh-ed25519 nonsense\n");
        File.WriteAllText(_directory["c.pub"], key + "\n" + key + "\n");
        File.WriteAllText(_directory["id"], key);
        Assert.Equal<string>([key], SshKeys.OwnPublicKeys(_directory.Path).ToArray());
        Assert.Empty(SshKeys.OwnPublicKeys(_directory["none"]));
    }
}
