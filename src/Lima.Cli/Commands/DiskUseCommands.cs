using System.CommandLine;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl disk attach</c>: one more disk for an instance, at once when it runs.</summary>
internal sealed class DiskAttachCommand : CliCommand
{
    private readonly Argument<string> _name = new("DISK") { Description = "disk to attach" };
    private readonly Argument<string?> _instance = DiskArguments.Instance();
    private readonly Option<string?> _type = Text("--fs-type", "TYPE", "file system for a disk that has none: ext4 (default), xfs, swap, …");
    private readonly Option<bool> _noFormat = Flag("--no-format", "never make a file system on it");

    public DiskAttachCommand() : base(
        "attach", "Give an instance one more disk, at once when it runs", CommandGroup.Advanced,
        "limactl disk attach data web", "limactl disk attach --fs-type=swap more-swap web")
    {
        Add(_name);
        Add(_instance);
        Add(_type);
        Add(_noFormat);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (disk, name) = (parsed.GetRequiredValue(_name), parsed.GetValue(_instance) is { Length: > 0 } given ? given : context.DefaultInstance);
        var work = new InstanceWork(context);
        var instance = await work.RequireAsync(name, cancel);
        await work.ChangeDiskAsync(
            name, id => new DiskChangeRequest { CommandId = id, Action = "attach", Disk = disk, Format = !parsed.GetValue(_noFormat), FsType = parsed.GetValue(_type) },
            $"disk `{disk}` was not attached", cancel);
        var swap = parsed.GetValue(_type) == "swap";
        context.Log.Info(instance.DriverPid is null
            ? $"Instance `{name}` has disk `{disk}` from its next start on"
            : swap ? $"Attached disk `{disk}` to instance `{name}` as swap space" : $"Attached disk `{disk}` to instance `{name}`: `/mnt/lima-{disk}`");
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl disk detach</c>: an instance does without a disk, at once when that was attached while it ran.</summary>
internal sealed class DiskDetachCommand : CliCommand
{
    private readonly Argument<string> _name = new("DISK") { Description = "disk to detach" };
    private readonly Argument<string?> _instance = DiskArguments.Instance();

    public DiskDetachCommand() : base(
        "detach", "Take a disk from an instance; what is on it stays", CommandGroup.Advanced, "limactl disk detach data web")
    {
        Add(_name);
        Add(_instance);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (disk, name) = (parsed.GetRequiredValue(_name), parsed.GetValue(_instance) is { Length: > 0 } given ? given : context.DefaultInstance);
        var work = new InstanceWork(context);
        await work.RequireAsync(name, cancel);
        await work.ChangeDiskAsync(
            name, id => new DiskChangeRequest { CommandId = id, Action = "detach", Disk = disk }, $"disk `{disk}` was not detached", cancel);
        context.Log.Info($"Detached disk `{disk}` from instance `{name}`");
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl resize</c>: a larger disk, at once when the instance runs.</summary>
internal sealed class ResizeCommand : CliCommand
{
    private readonly Argument<string?> _instance = DiskArguments.Instance();
    private readonly Option<string> _disk = new("--disk") { Description = "its new size in GiB, or with a unit: 20, 20GiB, 51200MiB", HelpName = "GIB", Required = true };

    public ResizeCommand() : base(
        "resize", "Give an instance a larger disk, also while it runs", CommandGroup.Advanced, "limactl resize web --disk=20")
    {
        Add(_instance);
        Add(_disk);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetValue(_instance) is { Length: > 0 } given ? given : context.DefaultInstance;
        var bytes = DiskArguments.Gibibytes(parsed.GetRequiredValue(_disk));
        var work = new InstanceWork(context);
        var instance = await work.RequireAsync(name, cancel);
        await work.ChangeDiskAsync(name, id => new DiskChangeRequest { CommandId = id, Action = "grow", Size = bytes }, "did not get a larger disk", cancel);
        context.Log.Info(instance.DriverPid is null
            ? $"Instance `{name}` has a disk of {Sizes.Text(bytes)} from its next start on"
            : $"Instance `{name}` has a disk of {Sizes.Text(bytes)}");
        return ExitCodes.Success;
    }
}

/// <summary>What the commands about disks of instances have in common.</summary>
internal static class DiskArguments
{
    /// <summary>The instance.</summary>
    public static Argument<string?> Instance() => new("INSTANCE") { Description = "the instance (default: `default`)", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>A size in GiB, as the flag <c>--disk</c> takes it elsewhere, or one with a unit.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static long Gibibytes(string text) => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number)
        ? number is > 0 and < 1 << 20 ? (long)(number * (1L << 30)) : throw CliException.Usage($"invalid size: `{Printable.Line(text)}`", "write it as 20 or 20GiB")
        : DiskCommand.Size(text);
}
