using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Instances;

/// <summary>The instance directories of a home.</summary>
public sealed class InstanceStoreTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly ITestOutputHelper _output;
    private readonly TemporaryDirectory _directory = new();
    private readonly LimaHome _home;
    private readonly InstanceStore _store;

    public InstanceStoreTests(ITestOutputHelper output)
    {
        _output = output;
        _home = new LimaHome(_directory.Path);
        Directory.CreateDirectory(_home.HostDirectory);
        _store = new InstanceStore(_home, "1.2.3");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_created_one_is_complete_and_found()
    {
        var id = VmId.From(Guid.NewGuid());
        _store.Create(id, VmName.Parse("web"), "cpus: 1\n");
        var directory = _home.Instance(VmName.Parse("web"));
        Assert.Equal(("cpus: 1\n", "1.2.3", id.Value + "\n"), (File.ReadAllText(directory.LimaYaml), File.ReadAllText(directory.LimaVersion), File.ReadAllText(directory.IdFile)));
        Assert.Equal(Private | UnixFileMode.UserExecute, File.GetUnixFileMode(directory.Path));
        Assert.Equal(Private, File.GetUnixFileMode(directory.IdFile));
        Assert.Equal((id, "web"), (Assert.Single(_store.Scan()).Id, _store.Scan()[0].Name.Value));
        Assert.Empty(Directory.GetFileSystemEntries(_home.HostDirectory));
    }

    [Fact]
    public void One_that_exists_is_never_touched()
    {
        _store.Create(VmId.From(Guid.NewGuid()), VmName.Parse("web"), "cpus: 1\n");
        File.WriteAllText(_directory["file"], "");
        File.CreateSymbolicLink(_directory["dangling"], "/nowhere");
        foreach (var name in new[] { "web", "file" })
        {
            var problem = Assert.Throws<DriverException>(() => _store.Create(VmId.From(Guid.NewGuid()), VmName.Parse(name), "cpus: 2\n"));
            Assert.Equal("instance-exists", problem.Cause.Code);
        }

        Assert.Throws<DriverException>(() => _store.Create(VmId.From(Guid.NewGuid()), VmName.Parse("dangling"), "cpus: 2\n"));
        Assert.Equal("cpus: 1\n", File.ReadAllText(_home.Instance(VmName.Parse("web")).LimaYaml));
        Assert.Empty(Directory.GetFileSystemEntries(_home.HostDirectory));
    }

    [Fact]
    public async Task Of_many_that_create_one_name_one_wins_and_a_reader_sees_whole_ones_only()
    {
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                foreach (var found in _store.Scan())
                {
                    var directory = _home.Instance(found.Name);
                    Assert.True(File.Exists(directory.IdFile) && File.Exists(directory.LimaVersion));
                    Assert.Equal("cpus: 1\n", File.ReadAllText(directory.LimaYaml));
                }
            }
        });
        for (var round = 0; round < 10; round++)
        {
            var name = VmName.Parse($"vm{round}");
            var made = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() =>
            {
                try
                {
                    _store.Create(VmId.From(Guid.NewGuid()), name, "cpus: 1\n");
                    return true;
                }
                catch (DriverException e) when (e.Cause.Code == "instance-exists")
                {
                    return false;
                }
            })));
            Assert.Single(made, m => m);
        }

        await done.CancelAsync();
        await reader;
    }

    [Fact]
    public void Names_too_long_for_their_sockets_are_refused()
    {
        var name = VmName.Parse(new string('n', VmName.LengthMax));
        var problem = Assert.Throws<DriverException>(() => _store.Create(VmId.From(Guid.NewGuid()), name, ""));
        Assert.Equal("name-too-long", problem.Cause.Code);
        Assert.Empty(_store.Scan());
    }

    [Fact]
    public void A_home_that_cannot_be_written_is_told()
    {
        var store = new InstanceStore(new LimaHome("/proc/1/x"), "1");
        Assert.Equal("home-unwritable", Assert.Throws<DriverException>(() => store.Create(VmId.From(Guid.NewGuid()), VmName.Parse("a"), "")).Cause.Code);
        Assert.Empty(store.Scan());
    }

    [Fact]
    public void Directories_without_an_identity_get_one_for_ever()
    {
        Make("a");
        Make("b");
        File.WriteAllText(_home.Instance(VmName.Parse("b")).IdFile, "no uuid");
        var first = _store.Scan();
        Assert.Equal(2, first.Select(f => f.Id).Distinct().Count());
        Assert.Equal(first.OrderBy(f => f.Name.Value), _store.Scan().OrderBy(f => f.Name.Value));
        Assert.Equal(first.OrderBy(f => f.Name.Value), new InstanceStore(_home, "2").Scan().OrderBy(f => f.Name.Value));
        Directory.Move(_directory["a"], _directory["c"]);
        Assert.Equal(first.Single(f => f.Name.Value == "a").Id, _store.Scan().Single(f => f.Name.Value == "c").Id);
    }

    [Fact]
    public async Task A_copy_gets_an_identity_of_its_own_and_the_original_keeps_its()
    {
        // By name the copy comes first; it is younger all the same.
        Make("z-original");
        var id = Assert.Single(_store.Scan()).Id;
        await Task.Delay(50);
        using var copy = System.Diagnostics.Process.Start("cp", ["-a", _directory["z-original"], _directory["a-copy"]]);
        await copy.WaitForExitAsync();
        var found = _store.Scan().ToDictionary(f => f.Name.Value, f => f.Id);
        Assert.Equal(id, found["z-original"]);
        Assert.NotEqual(id, found["a-copy"]);
        Assert.Equal(found, _store.Scan().ToDictionary(f => f.Name.Value, f => f.Id));
    }

    [Fact]
    public void Only_instances_are_found()
    {
        Make("ok");
        Make("_config");
        Make("bad name");
        Make("x.yaml");
        Make(".hidden");
        Directory.CreateDirectory(_directory["empty"]);
        File.WriteAllText(_directory["file"], "");
        Directory.CreateSymbolicLink(_directory["dangling"], "/nowhere");
        var elsewhere = Directory.CreateDirectory(Path.Combine(_home.HostDirectory, "elsewhere"));
        File.WriteAllText(Path.Combine(elsewhere.FullName, "lima.yaml"), "");
        Directory.CreateSymbolicLink(_directory["linked"], elsewhere.FullName);
        Assert.Equal(["linked", "ok"], _store.Scan().Select(f => f.Name.Value).Order());
        var empty = Assert.Single(_store.Unusable);
        Assert.Equal(("empty", $"{_directory["empty/lima.yaml"]} is missing"), (empty.Directory.Name.Value, empty.Problem));
        Assert.Empty(Directory.GetFileSystemEntries(_directory["empty"]));
    }

    [Fact]
    public void One_that_cannot_be_used_hides_no_other()
    {
        Make("ok");
        Make("bad");
        // A directory in the identity's place can neither be read nor replaced, by root neither.
        Directory.CreateDirectory(Path.Combine(_home.Instance(VmName.Parse("bad")).IdFile, "x"));
        Assert.Equal(["ok"], _store.Scan().Select(f => f.Name.Value));
        Assert.Equal(("bad", true), (Assert.Single(_store.Unusable).Directory.Name.Value, _store.Unusable[0].Problem.Contains(_directory["bad"], StringComparison.Ordinal)));
        Directory.Delete(_home.Instance(VmName.Parse("bad")).IdFile, recursive: true);
        Assert.Equal(2, _store.Scan().Count);
        Assert.Empty(_store.Unusable);
    }

    [Fact]
    public void One_that_may_not_be_looked_into_hides_no_other()
    {
        if (Environment.UserName == "root")
        {
            _output.WriteLine("SKIP: nothing is closed to root");
            return;
        }

        Make("ok");
        Make("closed");
        File.SetUnixFileMode(_directory["closed"], UnixFileMode.None);
        Assert.Equal(["ok"], _store.Scan().Select(f => f.Name.Value));
        Assert.Equal("closed", Assert.Single(_store.Unusable).Directory.Name.Value);
        File.SetUnixFileMode(_directory["closed"], Private | UnixFileMode.UserExecute);
    }

    [Fact]
    public void One_that_lost_its_configuration_stays_the_same()
    {
        Make("web");
        var id = Assert.Single(_store.Scan()).Id;
        File.Delete(_directory["web/lima.yaml"]);
        Assert.Equal(id, Assert.Single(_store.Scan()).Id);
        Assert.Empty(_store.Unusable);
    }

    [Fact]
    public void Removing_takes_everything_and_is_harmless_when_repeated()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_home.HostDirectory, "outside"));
        File.WriteAllText(Path.Combine(outside.FullName, "precious"), "");
        Make("web");
        Directory.CreateSymbolicLink(Path.Combine(_directory["web"], "link"), outside.FullName);
        _store.Remove(VmName.Parse("web"));
        Assert.False(Directory.Exists(_directory["web"]));
        Assert.True(File.Exists(Path.Combine(outside.FullName, "precious")));
        _store.Remove(VmName.Parse("web"));

        Directory.CreateSymbolicLink(_directory["linked"], outside.FullName);
        _store.Remove(VmName.Parse("linked"));
        Assert.False(Path.Exists(_directory["linked"]));
        Assert.True(File.Exists(Path.Combine(outside.FullName, "precious")));
    }

    [Fact]
    public void A_protected_one_is_not_removed()
    {
        Make("web");
        File.WriteAllText(_home.Instance(VmName.Parse("web")).Protected, "");
        Assert.Equal("protected", Assert.Throws<DriverException>(() => _store.Remove(VmName.Parse("web"))).Cause.Code);
        Assert.Single(_store.Scan());
    }

    [Fact]
    public void Cleaning_up_takes_what_only_a_living_one_needs_and_minds_nothing_missing()
    {
        Make("web");
        var directory = _home.Instance(VmName.Parse("web"));
        foreach (var file in new[] { directory.QemuPid, directory.QmpSocket, directory.SerialSocket, directory.SerialLog, directory.Disk }) File.WriteAllText(file, "");
        _store.CleanUp(VmName.Parse("web"));
        Assert.Equal(["disk", "lima.yaml", "serial.log"], Directory.GetFiles(directory.Path).Select(Path.GetFileName).Order());
        _store.CleanUp(VmName.Parse("web"));
        _store.CleanUp(VmName.Parse("none"));
    }

    [Fact]
    public void Leftovers_of_a_killed_host_go_and_other_things_stay()
    {
        Directory.CreateDirectory(Path.Combine(_home.HostDirectory, "new-1", "x"));
        Directory.CreateDirectory(Path.Combine(_home.HostDirectory, "old-1", "x"));
        File.WriteAllText(_home.JournalFile, "");
        _store.RemoveLeftovers();
        Assert.Equal([_home.JournalFile], Directory.GetFileSystemEntries(_home.HostDirectory));
        new InstanceStore(new LimaHome(_directory["none"]), "1").RemoveLeftovers();
    }

    private void Make(string name)
    {
        Directory.CreateDirectory(_directory[name]);
        File.WriteAllText(_directory[name + "/lima.yaml"], "");
    }
}
