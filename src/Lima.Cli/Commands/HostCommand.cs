using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Client;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl host</c>: the background process that looks after all instances.</summary>
internal sealed class HostCommand : CliCommandFamily
{
    public HostCommand() : base("host", "Manage the background host", CommandGroup.Advanced, "limactl host status", "limactl host logs -f")
    {
        Add(new HostStartCommand());
        Add(new HostStopCommand());
        Add(new HostStatusCommand());
        Add(new HostLogsCommand());
        Add(new HostInstallCommand());
        Add(new HostUninstallCommand());
    }
}

/// <summary><c>limactl host start</c>.</summary>
internal sealed class HostStartCommand() : CliCommand("start", "Start the host unless it runs", CommandGroup.Advanced, "limactl host start")
{
    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var host = await context.Client.HostAsync(cancel);
        context.Log.Info($"The host runs as process {host.Pid} (version {host.Version})");
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl host stop</c>.</summary>
internal sealed class HostStopCommand() : CliCommand("stop", "Stop the host; instances go on running", CommandGroup.Advanced, "limactl host stop")
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        using var client = await context.RunningHostAsync(cancel);
        if (client is null)
        {
            context.Log.Info("The host does not run");
            return ExitCodes.Success;
        }

        try
        {
            await client.ShutdownAsync(cancel);
        }
        catch (CliException e) when (e.Code.StartsWith("http-", StringComparison.Ordinal))
        {
            // A host of another version may not know the request; this signal means the same to every version.
            if (!Posix.Signal((await client.HostAsync(cancel)).Pid, Posix.SigTerm)) throw;
        }

        var began = context.World.Clock.GetTimestamp();
        while (await IsThereAsync(context, cancel))
        {
            if (context.World.Clock.GetElapsedTime(began) > Limit)
                throw new CliException($"the host still runs after {Limit.TotalSeconds:0} seconds", "see `limactl host logs`");
            await Task.Delay(Poll, context.World.Clock, cancel);
        }

        context.Log.Info("The host has stopped; instances go on running");
        return ExitCodes.Success;
    }

    // The socket goes first; the lock goes with the process, when its files are closed too.
    private static async Task<bool> IsThereAsync(CliContext context, CancellationToken cancel)
    {
        using var open = await context.Launcher.TryConnectAsync(cancel);
        return open is not null || IsLocked(context.Paths.HostLock);
    }

    private static bool IsLocked(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}

/// <summary><c>limactl host status</c>.</summary>
internal sealed class HostStatusCommand : CliCommand
{
    private readonly Option<bool> _json = Flag("--json", "print one JSON object");

    public HostStatusCommand() : base("status", "Show whether the host runs, and how; exit status 1 when it does not", CommandGroup.Advanced, "limactl host status --json")
    {
        Aliases.Add("info");
        Add(_json);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        using var client = await context.RunningHostAsync(cancel);
        if (client is null)
        {
            context.World.Out.Write(parsed.GetValue(_json) ? "{\"running\":false}\n" : "Host:         not running\n");
            return ExitCodes.Failure;
        }

        var host = await client.HostAsync(cancel);
        context.World.Out.Write(parsed.GetValue(_json)
            ? JsonSerializer.Serialize(host, ContractsJson.Default.HostView) + "\n"
            : Describe(host, context.World.Clock));
        return ExitCodes.Success;
    }

    private static string Describe(HostView host, TimeProvider clock)
    {
        List<string> lines =
        [
            $"Host:         running (process {host.Pid}, version {host.Version}, for {Sizes.Text(clock.GetUtcNow() - host.StartedAt)})",
            $"Home:         {host.Home}",
            $"Instances:    {(host.Instances.Count == 0 ? "none" : string.Join(", ", host.Instances.Select(pair => $"{pair.Value} {pair.Key}")))}",
            $"QEMU:         {host.QemuVersion ?? "not found"}",
        ];
        if (host.Accelerator is { } accelerator)
            lines.Add($"Accelerator:  {accelerator.Name} ({accelerator.Reason}; decided by {accelerator.DecidedBy})");
        lines.AddRange(host.Notices.Select(notice => $"Notice:       {Printable.Line(notice)}"));
        return string.Join('\n', lines) + "\n";
    }
}

/// <summary><c>limactl host logs</c>.</summary>
internal sealed class HostLogsCommand : CliCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private readonly Option<bool> _follow = Flag("--follow", "go on with new lines until interrupted", "-f");

    public HostLogsCommand() : base("logs", "Show the host's log", CommandGroup.Advanced, "limactl host logs", "limactl host logs -f") => Add(_follow);

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var path = context.Paths.HostLog;
        if (!File.Exists(path)) throw new CliException($"there is no log `{path}` yet", "the host has not run; `limactl host start` starts it");
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var handler = parsed.GetValue(_follow) ? context.World.OnInterrupt(interrupt.Cancel) : null;
        long at = 0;
        try
        {
            while (true)
            {
                at = Copy(path, at, context.World);
                if (!parsed.GetValue(_follow)) return ExitCodes.Success;
                await Task.Delay(Poll, context.World.Clock, interrupt.Token);
            }
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    // Prints complete lines from a byte position on; begins anew when the file was cut or replaced by a shorter one.
    private static long Copy(string path, long at, CliWorld world)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(file.Length < at ? 0 : at, SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line) world.Out.Write(Printable.Line(line, 10_000) + "\n");
        world.Out.Flush();
        return file.Position;
    }
}
