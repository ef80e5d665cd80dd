using System.Net.Sockets;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu.Disks;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Instances;

/// <summary>Clone, rename, reset, edit and protect, on a real home.</summary>
public sealed class InstanceFilesTests : IDisposable
{
    private const long MiB = 1 << 20;
    private static readonly VmId Id = VmId.From(new Guid("0b8f2a44-7f0a-4f43-8f5c-5a5d1c7b9e10"));
    private static readonly VmId CloneId = VmId.From(new Guid("5d0d6f0e-6a6e-4c9a-9d1e-0a1b2c3d4e5f"));
    private static readonly VmName Web = VmName.Parse("web");
    private static readonly VmName Copy = VmName.Parse("copy");
    private readonly ITestOutputHelper _output;
    private readonly TemporaryDirectory _directory = new();
    private readonly LimaHome _home;
    private readonly InstanceFiles _files;
    private readonly Progress<StepProgress> _progress = new();

    public InstanceFilesTests(ITestOutputHelper output)
    {
        _output = output;
        _home = new LimaHome(_directory.Path);
        _files = new InstanceFiles(_home);
        Directory.CreateDirectory(_home.HostDirectory);
        new InstanceStore(_home, "1.2.3").Create(Id, Web, "images: []\n");
    }

    public void Dispose() => _directory.Dispose();

    private string this[string file] => Path.Combine(_home.Instance(Web).Path, file);

    [Fact]
    public async Task A_clone_has_what_makes_the_instance_and_nothing_that_belongs_to_the_one_alone()
    {
        foreach (var file in new[] { "disk.format", "vz-identifier", "protected", "ssh.config", "known_hosts", "ssh_host_ed25519_key", "cidata.iso", "serial.log", "qemu.pid", "x.tmp" })
            await File.WriteAllTextAsync(this[file], "text");
        Directory.CreateDirectory(this["copied-from-guest"]);
        await File.WriteAllTextAsync(this["copied-from-guest/kubeconfig.yaml"], "k: 1\n");
        Directory.CreateDirectory(this["swtpm"]);
        File.CreateSymbolicLink(this["kernel"], "/somewhere/kernel");
        File.CreateSymbolicLink(this["inner"], this["disk.format"]);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(this["s"]));
        await _files.CloneAsync(Web, CloneId, Copy, _progress, CancellationToken.None);

        var copy = _home.Instance(Copy);
        Assert.Equal(
            ["copied-from-guest", "disk.format", "inner", "kernel", "lima-version", "lima.yaml", "vm-id", "vz-identifier"],
            Directory.EnumerateFileSystemEntries(copy.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
        Assert.Equal(CloneId.Value, (await File.ReadAllTextAsync(copy.IdFile)).Trim());
        Assert.Equal("1.2.3", await File.ReadAllTextAsync(copy.LimaVersion));
        Assert.Equal("/somewhere/kernel", new FileInfo(copy.Kernel).LinkTarget);
        Assert.Equal(Path.Combine(copy.Path, "disk.format"), new FileInfo(Path.Combine(copy.Path, "inner")).LinkTarget);
        Assert.Equal("k: 1\n", await File.ReadAllTextAsync(Path.Combine(copy.Path, "copied-from-guest/kubeconfig.yaml")));
        Assert.Equal(0, new FileInfo(Path.Combine(copy.Path, "vz-identifier")).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(copy.Path));
        Assert.Empty(Directory.EnumerateDirectories(_home.HostDirectory));
    }

    [Fact]
    public async Task A_sparse_disk_is_copied_exactly_and_stays_sparse()
    {
        var random = new byte[3 * MiB];
        new Random(3).NextBytes(random);
        await using (var file = File.Create(this["disk"]))
        {
            file.SetLength(256 * MiB);
            file.Position = 100 * MiB;
            await file.WriteAsync(random);
        }

        await _files.CloneAsync(Web, CloneId, Copy, _progress, CancellationToken.None);
        var copy = _home.Instance(Copy).Disk;
        await using var made = File.OpenRead(copy);
        Assert.Equal(256 * MiB, made.Length);
        made.Position = 100 * MiB;
        var read = new byte[random.Length];
        await made.ReadExactlyAsync(read);
        Assert.Equal(random, read);
        made.Position = 0;
        Assert.Equal(0, made.ReadByte());
        var used = await ToolAsync("du", "--block-size=1M", copy);
        Assert.InRange(int.Parse(used.Split('\t')[0]), 0, 32);
    }

    [Fact]
    public async Task The_same_clone_again_is_found_done_and_another_of_that_name_is_refused()
    {
        await _files.CloneAsync(Web, CloneId, Copy, _progress, CancellationToken.None);
        await File.WriteAllTextAsync(_home.Instance(Copy).Disk, "used since");
        await _files.CloneAsync(Web, CloneId, Copy, _progress, CancellationToken.None);
        Assert.Equal("used since", await File.ReadAllTextAsync(_home.Instance(Copy).Disk));
        var refused = await Assert.ThrowsAsync<DriverException>(() => _files.CloneAsync(Web, Id, Copy, _progress, CancellationToken.None));
        Assert.Equal(("instance-exists", "instance `copy` already exists"), (refused.Cause.Code, refused.Cause.Message));
    }

    [Fact]
    public async Task What_a_dead_host_left_of_a_clone_is_no_instance_and_is_made_anew()
    {
        var draft = Directory.CreateDirectory(Path.Combine(_home.HostDirectory, $"new-{CloneId}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(draft, "lima.yaml"), "half");
        Assert.Single(new InstanceStore(_home, "1").Scan());
        await _files.CloneAsync(Web, CloneId, Copy, _progress, CancellationToken.None);
        Assert.Equal("images: []\n", await File.ReadAllTextAsync(_home.Instance(Copy).LimaYaml));
    }

    [Fact]
    public async Task A_clone_that_is_given_up_leaves_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _files.CloneAsync(Web, CloneId, Copy, _progress, new CancellationToken(canceled: true)));
        Assert.False(Directory.Exists(_home.Instance(Copy).Path));
        Assert.Empty(Directory.EnumerateDirectories(_home.HostDirectory));
    }

    [Fact]
    public async Task A_name_whose_sockets_would_not_fit_is_refused()
    {
        var longName = VmName.Parse(new string('a', 76));
        var deep = new LimaHome(Directory.CreateDirectory(Path.Combine(_directory.Path, new string('d', 30))).FullName);
        Directory.CreateDirectory(deep.HostDirectory);
        new InstanceStore(deep, "1").Create(Id, Web, "images: []\n");
        var files = new InstanceFiles(deep);
        Assert.Equal("name-too-long", (await Assert.ThrowsAsync<DriverException>(() => files.CloneAsync(Web, CloneId, longName, _progress, CancellationToken.None))).Cause.Code);
        Assert.Equal("name-too-long", (await Assert.ThrowsAsync<DriverException>(() => files.RenameAsync(Id, Web, longName, CancellationToken.None))).Cause.Code);
    }

    [Fact]
    public async Task A_rename_keeps_everything_but_what_names_the_instance_and_twice_is_once()
    {
        await File.WriteAllTextAsync(this["disk"], "disk");
        await File.WriteAllTextAsync(this["ssh.config"], "Host lima-web");
        await _files.RenameAsync(Id, Web, Copy, CancellationToken.None);
        await _files.RenameAsync(Id, Web, Copy, CancellationToken.None);
        Assert.False(Directory.Exists(_home.Instance(Web).Path));
        // The format of a disk that is not qcow2 is noted at the first look.
        Assert.Equal(["disk", "disk.format", "lima-version", "lima.yaml", "vm-id"], Directory.EnumerateFiles(_home.Instance(Copy).Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
    }

    [Fact]
    public async Task A_rename_onto_another_instance_is_refused_and_changes_nothing()
    {
        new InstanceStore(_home, "1").Create(CloneId, Copy, "images: []\n");
        Assert.Equal("instance-exists", (await Assert.ThrowsAsync<DriverException>(() => _files.RenameAsync(Id, Web, Copy, CancellationToken.None))).Cause.Code);
        Assert.True(File.Exists(this["lima.yaml"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_two_disks_of_an_older_Lima_stay_together(bool rename)
    {
        if (!Need.Programs(_output, "qemu-img")) return;
        await ToolAsync("qemu-img", "create", "-f", "qcow2", this["basedisk"], "8M");
        await ToolAsync("qemu-img", "create", "-f", "qcow2", "-F", "qcow2", "-b", this["basedisk"], this["diffdisk"]);
        File.CreateSymbolicLink(this["disk"], "diffdisk");
        if (rename) await _files.RenameAsync(Id, Web, Copy, CancellationToken.None);
        else await _files.CloneAsync(Web, CloneId, Copy, _progress, CancellationToken.None);
        var copy = _home.Instance(Copy);
        Assert.Equal(Path.Combine(copy.Path, "basedisk"), BackingFile.Read(Path.Combine(copy.Path, "diffdisk")));
        await ToolAsync("qemu-img", "check", copy.Disk);
        if (!rename) Assert.Equal(this["basedisk"], BackingFile.Read(this["diffdisk"]));
    }

    [Fact]
    public void A_reset_leaves_the_configuration_and_who_it_is()
    {
        foreach (var file in new[] { "disk", "cidata.iso", "override.yml", "vz-identifier", "ssh.config" }) File.WriteAllText(this[file], "text");
        Directory.CreateDirectory(this["copied-from-guest/deep"]);
        File.WriteAllText(this["copied-from-guest/deep/x"], "text");
        InstanceProtection.Set(_home.Instance(Web), isProtected: true);
        Directory.CreateDirectory(_directory["outside"]);
        File.WriteAllText(_directory["outside/kept"], "text");
        Directory.CreateSymbolicLink(this["link"], _directory["outside"]);
        _files.FactoryReset(Web);
        _files.FactoryReset(Web);
        Assert.Equal(
            ["lima-version", "lima.yaml", "override.yml", "protected", "vm-id", "vz-identifier"],
            Directory.EnumerateFileSystemEntries(_home.Instance(Web).Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
        Assert.True(File.Exists(_directory["outside/kept"]));
    }

    [Fact]
    public void An_edit_replaces_the_file_and_says_why_when_it_cannot()
    {
        _files.WriteConfiguration(Web, "cpus: 2\n");
        Assert.Equal("cpus: 2\n", File.ReadAllText(this["lima.yaml"]));
        Assert.Equal("edit-failed", Assert.Throws<DriverException>(() => _files.WriteConfiguration(VmName.Parse("none"), "cpus: 2\n")).Cause.Code);
    }

    [Fact]
    public void Protection_is_the_file_that_Lima_makes()
    {
        var directory = _home.Instance(Web);
        Assert.True(InstanceProtection.Set(directory, isProtected: true));
        Assert.False(InstanceProtection.Set(directory, isProtected: true));
        Assert.Equal((0L, UnixFileMode.UserRead), (new FileInfo(directory.Protected).Length, File.GetUnixFileMode(directory.Protected)));
        var refused = Assert.Throws<DriverException>(() => new InstanceStore(_home, "1").Remove(Web));
        Assert.Equal("instance `web` is protected to prohibit accidental removal", refused.Cause.Message);
        Assert.Contains("limactl unprotect web", refused.Cause.Hint, StringComparison.Ordinal);
        Assert.True(InstanceProtection.Set(directory, isProtected: false));
        Assert.False(InstanceProtection.Set(directory, isProtected: false));
        new InstanceStore(_home, "1").Remove(Web);
        Assert.False(Directory.Exists(directory.Path));
    }

    private static async Task<string> ToolAsync(string program, params string[] arguments)
    {
        var result = await ProcessRunner.RunAsync(new ProcessSpec(program, [.. arguments]), TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output;
    }
}
