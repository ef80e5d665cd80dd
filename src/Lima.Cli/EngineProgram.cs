using Lima.Cli.Output;
using Lima.Cli.Shell;
using Lima.Domain.Vms;

namespace Lima.Cli;

/// <summary>
/// Programs such as <c>docker.lima</c>: the host's own client with the instance's socket when both are there, else the
/// client inside the guest.
/// </summary>
internal sealed class EngineProgram
{
    private static readonly EngineProgram[] All =
    [
        new("docker.lima", ["docker"], ["docker"]) { Client = "DOCKER", Variable = "DOCKER_HOST", Prefix = "unix://", File = "sock/docker.sock" },
        new("podman.lima", ["podman"], ["podman"]) { Client = "PODMAN", Variable = "CONTAINER_HOST", Prefix = "unix://", File = "sock/podman.sock", ClientArguments = ["--remote"] },
        new("kubectl.lima", ["k3s", "k8s"], ["sudo", "kubectl"]) { Client = "KUBECTL", Variable = "KUBECONFIG", File = "copied-from-guest/kubeconfig.yaml" },
        new("nerdctl.lima", ["default"], ["nerdctl"]) { PreserveEnv = true },
        new("apptainer.lima", ["apptainer"], ["apptainer"]) { Bind = true },
    ];

    private readonly string _name;
    private readonly string[] _instances;
    private readonly string[] _command;

    private EngineProgram(string name, string[] instances, string[] command) => (_name, _instances, _command) = (name, instances, command);

    private string? Client { get; init; }
    private string Variable { get; init; } = "";
    private string Prefix { get; init; } = "";
    private string File { get; init; } = "";
    private string[] ClientArguments { get; init; } = [];
    private bool PreserveEnv { get; init; }
    private bool Bind { get; init; }

    /// <summary>The program of that name; null when it is none of these.</summary>
    public static EngineProgram? Find(string name) => All.FirstOrDefault(program => program._name == name);

    /// <summary>Runs a command line of the engine's client.</summary>
    /// <exception cref="CliException">The instance does not exist.</exception>
    public Task<int> RunAsync(IReadOnlyList<string> arguments, CliWorld world, Action<Log> useLog)
    {
        var paths = new CliPaths(world);
        var instance = Instance(world, paths);
        if (Client is { } clientVariable && System.IO.File.Exists(Path.Combine(paths.Instance(instance), File)))
        {
            var wanted = world.Env(clientVariable) is { Length: > 0 } chosen ? chosen : clientVariable.ToLowerInvariant();
            if (ExecRequest.Find(wanted, world.Env("PATH")) is { } client)
            {
                var value = Prefix + Path.Combine(paths.Instance(instance), File);
                return Task.FromResult(world.Exec(new ExecRequest(client, [client, .. ClientArguments, .. arguments])
                {
                    Environment = new Dictionary<string, string> { [Variable] = value },
                }));
            }
        }

        var options = LimaProgram.Defaults(world, instance) with { Instance = instance, PreserveEnv = PreserveEnv, Command = [.. Guest(world), .. arguments] };
        return CliApp.ShellAsync(options, world, useLog);
    }

    // The guest sees the host's home directory under the same path, so Apptainer is told to bind it.
    private string[] Guest(CliWorld world)
    {
        if (!Bind) return _command;
        var paths = world.Env("APPTAINER_BINDPATH") is { Length: > 0 } given ? $"{given},{world.UserHome}" : world.UserHome;
        return [$"APPTAINER_BINDPATH={paths}", .. _command];
    }

    private string Instance(CliWorld world, CliPaths paths)
    {
        var candidates = world.Env("LIMA_INSTANCE") is { Length: > 0 } chosen ? [chosen] : _instances;
        foreach (var name in candidates)
        {
            if (!VmName.TryParse(name, out _, out var problem)) throw new CliException(problem);
            if (Directory.Exists(paths.Instance(name))) return name;
        }

        var wanted = candidates[0];
        var template = wanted == "default" ? "" : $" template:{wanted}";
        throw new CliException(
            $"instance `{wanted}` does not exist",
            $"run `limactl create --name={wanted}{template}` and `limactl start {wanted}`, or name another instance in LIMA_INSTANCE");
    }
}
