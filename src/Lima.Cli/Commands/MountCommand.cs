using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl mount</c>: directories of the host in running instances.</summary>
internal sealed class MountCommand : CliCommandFamily
{
    public MountCommand() : base(
        "mount", "Manage mounts of running instances", CommandGroup.Advanced, "limactl mount list web", "limactl mount add web ~/src:w", "limactl mount remove web ~/src")
    {
        Add(new MountListCommand());
        Add(new MountAddCommand());
        Add(new MountRemoveCommand());
    }

    /// <summary>The instance's name.</summary>
    public static Argument<string> Instance() => new("INSTANCE") { Description = "instance that runs" };

    /// <summary>An absolute path on the host; the user's shell may have left a <c>~</c>.</summary>
    public static string Absolute(string path, CliWorld world) => path switch
    {
        "" => throw CliException.Usage("a directory must not be empty"),
        "~" => world.UserHome,
        _ when path.StartsWith("~/", StringComparison.Ordinal) => Path.Combine(world.UserHome, path[2..]),
        _ => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, world.WorkingDirectory)),
    };

    /// <summary>Asks until an instance's mounts are as wanted; the last view when that takes too long.</summary>
    public static async Task<MountView?> UntilAsync(CliContext context, string name, string mountPoint, Func<MountView?, bool> wanted, CancellationToken cancel)
    {
        var started = context.World.Clock.GetTimestamp();
        while (true)
        {
            var view = await context.Client.FindAsync(name, cancel);
            var mount = view?.Mounts?.FirstOrDefault(mount => mount.MountPoint == mountPoint);
            if (view is null || wanted(mount) || context.World.Clock.GetElapsedTime(started) > Limit) return mount;
            await Task.Delay(Pause, context.World.Clock, cancel);
        }
    }

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2), Pause = TimeSpan.FromMilliseconds(200);
}

/// <summary><c>limactl mount list</c>.</summary>
internal sealed class MountListCommand : CliCommand
{
    private readonly Argument<string> _name = MountCommand.Instance();
    private readonly Option<bool> _json = Flag("--json", "one JSON object a line");

    public MountListCommand() : base("list", "List mounts and how they are", CommandGroup.Advanced, "limactl mount list web", "limactl mount ls --json web")
    {
        Aliases.Add("ls");
        Add(_name);
        Add(_json);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetRequiredValue(_name);
        var mounts = (await new InstanceWork(context).RequireAsync(name, cancel)).Mounts ?? [];
        if (parsed.GetValue(_json))
        {
            context.World.Out.Write(string.Concat(mounts.Select(mount => JsonSerializer.Serialize(mount, ContractsJson.Default.MountView) + "\n")));
            return ExitCodes.Success;
        }

        if (mounts.Count == 0)
        {
            context.Log.Warn($"Instance `{name}` has no mounts now.");
            return ExitCodes.Success;
        }

        context.World.Out.Write(Table.Format(
        [
            ["LOCATION", "MOUNTPOINT", "TYPE", "ACCESS", "STATE", "NOTE"],
            .. mounts.Select(mount => (IReadOnlyList<string>)
                [Printable.Line(mount.Location), Printable.Line(mount.MountPoint), mount.Type ?? "-", mount.Writable ? "rw" : "ro", mount.State, Printable.Line(mount.Note ?? "")]),
        ]));
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl mount add</c>.</summary>
internal sealed class MountAddCommand : CliCommand
{
    private readonly Argument<string> _name = MountCommand.Instance();
    private readonly Argument<string> _directory = new("DIR") { Description = "directory of this machine, made where it is missing; `:w` after it lets the guest write" };
    private readonly Argument<string?> _point = new("MOUNTPOINT") { Description = "where in the guest (default: the same path)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _save = Flag("--save", "also write it into lima.yaml");

    public MountAddCommand() : base(
        "add", "Mount a directory while the instance runs, by reverse-sshfs", CommandGroup.Advanced, "limactl mount add web ~/src:w", "limactl mount add --save web ~/data /mnt/data")
    {
        Add(_name);
        Add(_directory);
        Add(_point);
        Add(_save);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (name, text, save) = (parsed.GetRequiredValue(_name), parsed.GetRequiredValue(_directory), parsed.GetValue(_save));
        var writable = text.EndsWith(":w", StringComparison.Ordinal);
        var location = MountCommand.Absolute(writable ? text[..^2] : text, context.World);
        var point = parsed.GetValue(_point) ?? location;
        await context.Client.AddMountAsync(
            name, new AddMountRequest { CommandId = Guid.NewGuid().ToString(), Location = location, MountPoint = point, Writable = writable, Save = save }, cancel);
        var mount = await MountCommand.UntilAsync(context, name, point, mount => mount is { State: not "waiting" }, cancel);
        if (mount?.State != "mounted")
            throw new CliException($"`{location}` is not mounted yet in instance `{name}`: {mount?.Note ?? "it does not answer"}", $"it is tried again by itself; see `limactl mount list {name}`");
        context.Log.Info($"Mounted `{location}` at `{point}` in instance `{name}`{(save ? "" : " until it stops")}");
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl mount remove</c>.</summary>
internal sealed class MountRemoveCommand : CliCommand
{
    private readonly Argument<string> _name = MountCommand.Instance();
    private readonly Argument<string> _point = new("MOUNTPOINT") { Description = "where it is in the guest" };
    private readonly Option<bool> _save = Flag("--save", "also take it out of lima.yaml");

    public MountRemoveCommand() : base(
        "remove", "Unmount a directory while the instance runs", CommandGroup.Advanced, "limactl mount remove web /mnt/data", "limactl mount rm --save web ~/src")
    {
        Aliases.Add("rm");
        Add(_name);
        Add(_point);
        Add(_save);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (name, save) = (parsed.GetRequiredValue(_name), parsed.GetValue(_save));
        var point = MountCommand.Absolute(parsed.GetRequiredValue(_point), context.World);
        await context.Client.RemoveMountAsync(name, new RemoveMountRequest { CommandId = Guid.NewGuid().ToString(), MountPoint = point, Save = save }, cancel);
        if (await MountCommand.UntilAsync(context, name, point, mount => mount is null, cancel) is { } left)
            throw new CliException($"`{point}` is still there in instance `{name}`: {left.Note ?? left.State}", $"see `limactl mount list {name}`");
        context.Log.Info($"Unmounted `{point}` in instance `{name}`{(save ? "" : " until it stops")}");
        return ExitCodes.Success;
    }
}
