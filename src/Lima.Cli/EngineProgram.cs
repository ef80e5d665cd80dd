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
    /// <exception cref="CliException">The instance does not exist, or is not running.</exception>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CliWorld world, Action<Log> useLog)
    {
        var instance = Instance(world, new CliPaths(world));
        var options = LimaProgram.Defaults(world, instance) with { Instance = instance, PreserveEnv = PreserveEnv, Command = [.. Guest(world), .. arguments] };
        if (HostClient(world) is not { } client) return await CliApp.ShellAsync(options, world, useLog);

        using var context = new CliContext(world, options.Globals());
        useLog(context.Log);
        // Before the look for the socket: that of a guest which has stopped may still lie there.
        await new GuestAccess(context).ReachAsync(instance, options.Start, mayAsk: true, CancellationToken.None);
        var file = Path.Combine(context.Paths.Instance(instance), File);
        return System.IO.File.Exists(file)
            ? world.Exec(new ExecRequest(client, [client, .. ClientArguments, .. arguments])
            {
                Environment = new Dictionary<string, string> { [Variable] = Prefix + file },
            })
            : await GuestShell.RunAsync(context, options, CancellationToken.None);
    }

    // The engine's client on this machine; null when there is none.
    private string? HostClient(CliWorld world)
    {
        if (Client is not { } variable) return null;
        var wanted = world.Env(variable) is { Length: > 0 } chosen ? chosen : variable.ToLowerInvariant();
        return ExecRequest.Find(wanted, world.Env("PATH"));
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

        if (candidates.Length > 1)
        {
            var names = string.Join(" or ", candidates.Select(name => $"`{name}`"));
            var creations = string.Join(" or ", candidates.Select(name => $"`limactl create --name={name} template:{name}`"));
            throw new CliException($"no instance {names} exists", $"create one with {creations}, or name your Kubernetes instance in LIMA_INSTANCE");
        }

        var template = _instances is [var only] && only != CliContext.UsualInstance ? $" template:{only}" : "";
        throw new CliException($"instance `{candidates[0]}` does not exist, run `limactl create --name={candidates[0]}{template}` to create a new instance");
    }
}
