using System.Net.Sockets;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Host.Specs;
using Lima.Templates;
using Lima.Testing;

namespace Lima.Host.Tests.Specs;

public sealed class InstanceSpecsTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();
    private readonly InstanceSpecs _specs;

    public InstanceSpecsTests() => _specs = new InstanceSpecs(new LimaHome(_home.Path));

    public void Dispose() => _home.Dispose();

    [Fact]
    public void The_users_own_files_count_for_every_instance_and_are_noticed_when_they_change()
    {
        var directory = Instance("a", "images: [{location: /x}]\ncpus: 3\n");
        Assert.Equal(3, _specs.Read(directory).Spec!.Cpus);
        Assert.Same(_specs.Read(directory), _specs.Read(directory));
        Config("default.yaml", "cpus: 1\nmemory: 2GiB\n");
        Assert.Equal((3, 2L << 30), (_specs.Read(directory).Spec!.Cpus, _specs.Read(directory).Spec!.MemoryBytes));
        Config("override.yaml", "cpus: 5\n");
        Assert.Equal(5, _specs.Read(directory).Spec!.Cpus);
        Config("override.yaml", "cpus: many\n");
        var error = Assert.Single(_specs.Read(directory).Errors);
        Assert.Equal((Path.Combine(_home.Path, "_config", "override.yaml"), 1), (error.File, error.Line));
        File.Delete(Path.Combine(_home.Path, "_config", "override.yaml"));
        Assert.Equal(3, _specs.Read(directory).Spec!.Cpus);
    }

    [Fact]
    public void A_version_that_is_written_after_the_configuration_counts()
    {
        var directory = Instance("a", "images: [{location: /x}]\n");
        Assert.EndsWith(".linux", _specs.Read(directory).Spec!.User.Home, StringComparison.Ordinal);
        File.WriteAllText(directory.LimaVersion, "2.2.0");
        Assert.EndsWith(".guest", _specs.Read(directory).Spec!.User.Home, StringComparison.Ordinal);
        Assert.Equal("2.2.0", _specs.ReadAll(directory).CreatedBy);
    }

    [Fact]
    public void A_file_of_the_user_that_cannot_be_read_is_a_problem_of_the_instance()
    {
        var directory = Instance("a", "images: [{location: /x}]\n");
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_home.Path, "_config")).FullName, "override.yaml");
        // It is there, and reading it fails, for root too.
        File.CreateSymbolicLink(file, "/proc/self/mem");
        Assert.Contains(file, Assert.Single(_specs.Read(directory).Errors).Message);
        Assert.Contains(file, Assert.Single(_specs.Check("images: [{location: /x}]\n", "t", directory).Errors).Message);
        File.Delete(file);
        Assert.Empty(_specs.Read(directory).Errors);
    }

    [Fact]
    public void Networks_of_the_user_may_be_named()
    {
        var directory = Instance("a", "images: [{location: /x}]\nnetworks: [{lima: mine}]\n");
        Assert.Contains("not defined in networks.yaml", Assert.Single(_specs.Read(directory).Errors).Message);
        Config("networks.yaml", "networks: {mine: {mode: user-v2}}");
        var network = Assert.Single(_specs.Read(directory).Spec!.Networks);
        Assert.Equal(("mine", "lima0"), (network.Lima, network.Interface));
        Assert.StartsWith("52:55:55:", network.MacAddress, StringComparison.Ordinal);
        Config("networks.yaml", "networks: [");
        Assert.Contains(_specs.Read(directory).Errors, problem => problem.File.EndsWith("networks.yaml", StringComparison.Ordinal));
    }

    [Fact]
    public void Paths_are_looked_at_when_a_text_is_to_become_an_instance_and_not_after()
    {
        var file = Path.Combine(_home.Path, "file");
        File.WriteAllText(file, "");
        var text = $"images: [{{location: /x}}]\nmounts: [{{location: {file}}}]\n";
        var directory = Instance("a", text);
        Assert.Empty(_specs.Read(directory).Errors);
        Assert.Contains("non-directory", Assert.Single(_specs.Check(text, "t", directory).Errors).Message);
    }

    [Fact]
    public void What_is_at_a_path_is_seen_without_opening_it()
    {
        var (file, socket) = (Path.Combine(_home.Path, "f"), Path.Combine(_home.Path, "s"));
        File.WriteAllText(file, "");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        Assert.Equal(
            [PathKind.Directory, PathKind.File, PathKind.Socket, PathKind.Missing, PathKind.Missing],
            new[] { _home.Path, file, socket, Path.Combine(_home.Path, "none"), Path.Combine(file, "below") }.Select(PathLook.At));
    }

    private InstanceDirectory Instance(string name, string text)
    {
        var directory = new LimaHome(_home.Path).Instance(VmName.Parse(name));
        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(directory.LimaYaml, text);
        return directory;
    }

    private void Config(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(_home.Path, "_config"));
        File.WriteAllText(Path.Combine(_home.Path, "_config", name), text);
    }
}
