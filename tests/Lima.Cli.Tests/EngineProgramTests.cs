using System.Net;
using System.Net.Sockets;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

/// <summary><c>docker.lima</c> and the like: whose client runs, with which arguments and variables, and what is said when it cannot.</summary>
public sealed class EngineProgramTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly TcpListener _guest = new(IPAddress.Loopback, 0);

    public EngineProgramTests()
    {
        _guest.Start();
        // No client of this machine, whatever is installed here.
        _cli.Environment["DOCKER"] = _cli.Environment["PODMAN"] = _cli.Environment["KUBECTL"] = "no-such-client";
        _cli.Environment["HOME"] = "/home/me";
    }

    public void Dispose()
    {
        _guest.Dispose();
        _cli.Dispose();
    }

    [Theory]
    [InlineData("docker.lima", "docker", "docker ps -a")]
    [InlineData("podman.lima", "podman", "podman ps -a")]
    [InlineData("nerdctl.lima", "default", "nerdctl ps -a")]
    [InlineData("kubectl.lima", "k3s", "sudo kubectl ps -a")]
    [InlineData("kubectl.lima", "k8s", "sudo kubectl ps -a")]
    [InlineData("apptainer.lima", "apptainer", "APPTAINER_BINDPATH=/home/me apptainer ps -a")]
    public async Task Without_a_client_here_the_guests_runs(string program, string instance, string command)
    {
        var directory = Instance(instance);
        var exec = Assert.Single((await _cli.RunAsync(program, "ps", "-a")).Execs);
        Assert.Contains($"{directory}/ssh.config", exec.Arguments);
        Assert.EndsWith($"-c '{command}'", exec.Arguments[^1]);
    }

    [Theory]
    [InlineData("docker.lima", "docker", "DOCKER", "sock/docker.sock", "DOCKER_HOST", "unix://", new[] { "ps" })]
    [InlineData("podman.lima", "podman", "PODMAN", "sock/podman.sock", "CONTAINER_HOST", "unix://", new[] { "--remote", "ps" })]
    [InlineData("kubectl.lima", "k8s", "KUBECTL", "copied-from-guest/kubeconfig.yaml", "KUBECONFIG", "", new[] { "ps" })]
    public async Task The_client_of_this_machine_gets_the_socket(
        string program, string instance, string client, string file, string variable, string prefix, string[] arguments)
    {
        var directory = Instance(instance);
        _cli.Environment[client] = "/bin/echo";
        // As long as nothing is forwarded, the guest's own client does.
        Assert.Equal("/usr/bin/ssh", Assert.Single((await _cli.RunAsync(program, "ps")).Execs).Program);

        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(directory, file))!);
        File.WriteAllText(Path.Combine(directory, file), "");
        var exec = Assert.Single((await _cli.RunAsync(program, "ps")).Execs);
        Assert.Equal(["/bin/echo", .. arguments], exec.Arguments);
        Assert.Equal($"{prefix}{directory}/{file}", Assert.Single(exec.Environment, pair => pair.Key == variable).Value);
    }

    [Fact]
    public async Task Directories_to_bind_come_before_the_home()
    {
        Instance("apptainer");
        _cli.Environment["APPTAINER_BINDPATH"] = "/data,/srv";
        Assert.Contains("APPTAINER_BINDPATH=/data,/srv,/home/me apptainer", Assert.Single((await _cli.RunAsync("apptainer.lima", "run")).Execs).Arguments[^1]);
    }

    [Fact]
    public async Task K3s_comes_before_k8s_and_a_chosen_instance_before_both()
    {
        Instance("k8s");
        Instance("k3s");
        var cluster = Instance("cluster");
        Assert.Contains("lima-k3s", Assert.Single((await _cli.RunAsync("kubectl.lima", "get")).Execs).Arguments);
        _cli.Environment["LIMA_INSTANCE"] = "cluster";
        Assert.Contains($"{cluster}/ssh.config", Assert.Single((await _cli.RunAsync("kubectl.lima", "get")).Execs).Arguments);
    }

    [Theory]
    [InlineData("docker.lima", "instance `docker` does not exist, run `limactl create --name=docker template:docker` to create a new instance")]
    [InlineData("podman.lima", "instance `podman` does not exist, run `limactl create --name=podman template:podman` to create a new instance")]
    [InlineData("apptainer.lima", "instance `apptainer` does not exist, run `limactl create --name=apptainer template:apptainer` to create a new instance")]
    [InlineData("nerdctl.lima", "instance `default` does not exist, run `limactl create --name=default` to create a new instance")]
    [InlineData("kubectl.lima", "no instance `k3s` or `k8s` exists")]
    [InlineData("kubectl.lima", "`limactl create --name=k8s template:k8s`, or name your Kubernetes instance in LIMA_INSTANCE")]
    public async Task A_missing_instance_is_told_with_the_way_to_make_it(string program, string message)
    {
        var result = await _cli.RunAsync(program, "ps");
        Assert.Equal(1, result.Exit);
        Assert.Empty(result.Execs);
        Assert.Contains(message, result.Error);
    }

    [Theory]
    [InlineData("/bin/echo")]
    [InlineData("no-such-client")]
    public async Task A_stopped_instance_is_told_although_its_socket_still_lies_there(string client)
    {
        _guest.Stop();
        var directory = Instance("docker");
        Directory.CreateDirectory(Path.Combine(directory, "sock"));
        File.WriteAllText(Path.Combine(directory, "sock/docker.sock"), "");
        _cli.Environment["DOCKER"] = client;
        using var host = new FakeHost(_cli.Home, _ => Views.One(Views.Instance("docker", "Stopped")));
        var result = await _cli.RunAsync("docker.lima", "ps");
        Assert.Equal(1, result.Exit);
        Assert.Empty(result.Execs);
        Assert.Contains("instance `docker` is stopped, run `limactl start docker` to start the instance", result.Error);
    }

    private string Instance(string name)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_cli.Home, name)).FullName;
        // A listener that was stopped has no address any more; port 1 answers nobody.
        var port = _guest.Server.IsBound ? ((IPEndPoint)_guest.LocalEndpoint).Port : 1;
        File.WriteAllText(Path.Combine(directory, "ssh.config"), $"Host lima-{name}\n  Hostname 127.0.0.1\n  Port {port}\n  ControlPath \"{directory}/ssh.sock\"\n");
        File.WriteAllText(Path.Combine(directory, "lima.yaml"), "cpus: 1\n");
        return directory;
    }
}
