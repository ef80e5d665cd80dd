using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Tests.CloudInit;
using Lima.Drivers.Tests.Images;

namespace Lima.Drivers.Tests.Instances;

/// <summary>The archive of containerd at the start of an instance: when it is fetched, and that nothing fails without it.</summary>
public sealed class ContainerdArchiveTests : IDisposable
{
    private const string Offline = "http://no-such-host.invalid/nerdctl-full.tgz";
    private readonly StoreFixture _fixture = new();
    private readonly InstanceDirectory _instance;

    public ContainerdArchiveTests() => _instance = new InstanceDirectory(VmName.Parse("web"), Directory.CreateDirectory(_fixture["web"]).FullName);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_file_of_this_machine_is_linked_and_taken_away_again()
    {
        var file = _fixture["archive.tgz"];
        await File.WriteAllTextAsync(file, "archive");
        await EnsureAsync(Asked(file));
        Assert.Equal(file, new FileInfo(_instance.ContainerdArchive).LinkTarget);
        Assert.Empty(_fixture.Progress);

        await EnsureAsync(Asked(file) with { User = false });
        Assert.False(File.Exists(_instance.ContainerdArchive));
    }

    [Theory]
    [InlineData(true, "the guest's own packages are used instead")]
    [InlineData(false, "going on without")]
    public async Task What_cannot_be_had_is_said_and_is_no_failure(bool asked, string said)
    {
        await EnsureAsync(Asked(Offline) with { Asked = asked });
        Assert.False(File.Exists(_instance.ContainerdArchive));
        var progress = Assert.Single(_fixture.Progress, report => report.Step == "containerd");
        Assert.Contains("no-such-host.invalid", progress.Detail);
        Assert.Contains(said, progress.Detail);
    }

    [Fact]
    public async Task An_instance_that_has_started_before_asks_no_server()
    {
        await EnsureAsync(Asked(Offline), isNew: false);
        Assert.Empty(_fixture.Progress);
        Assert.False(File.Exists(_instance.ContainerdArchive));
    }

    [Fact]
    public async Task A_wrong_digest_is_said_and_a_dead_link_is_replaced()
    {
        var file = _fixture["archive.tgz"];
        await File.WriteAllTextAsync(file, "archive");
        Assert.Null(ContainerdArchive.Of(_instance));
        File.CreateSymbolicLink(_instance.ContainerdArchive, "/no/such/file");
        Assert.Null(ContainerdArchive.Of(_instance));
        await EnsureAsync(Asked(file) with { Archives = [new ArchiveSource(file, "x86_64", "sha256:" + new string('0', 64))] });
        Assert.Contains("expected digest", Assert.Single(_fixture.Progress, report => report.Step == "containerd").Detail);
        Assert.Null(ContainerdArchive.Of(_instance));

        await EnsureAsync(Asked(file), isNew: false);
        Assert.Equal(_instance.ContainerdArchive, ContainerdArchive.Of(_instance));
        Assert.Equal("archive", await File.ReadAllTextAsync(_instance.ContainerdArchive));
    }

    [Fact]
    public async Task None_for_the_architecture_is_said()
    {
        await EnsureAsync(Asked("/x") with { Archives = [new ArchiveSource("/x", "aarch64")] });
        Assert.Contains("none for `x86_64`", Assert.Single(_fixture.Progress).Detail);
    }

    private static ContainerdSpec Asked(string location) => new() { User = true, Asked = true, Archives = [new ArchiveSource(location, "x86_64")] };

    private Task EnsureAsync(ContainerdSpec containerd, bool isNew = true) => new ContainerdArchive(_fixture.Store()).EnsureAsync(
        Seeds.With(spec => spec with { Arch = "x86_64", Containerd = containerd }).Spec, _instance, isNew, _fixture, CancellationToken.None);
}
