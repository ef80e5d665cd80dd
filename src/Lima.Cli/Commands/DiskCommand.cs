using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Output;
using Lima.Contracts;
using Lima.Templates.Validation;

namespace Lima.Cli.Commands;

/// <summary><c>limactl disk</c>: disks beside the instances.</summary>
internal sealed class DiskCommand : CliCommandFamily
{
    public DiskCommand() : base(
        "disk", "Manage disks for instances", CommandGroup.Advanced, "limactl disk create data --size=10GiB", "limactl disk ls", "limactl disk delete data")
    {
        Add(new DiskCreateCommand());
        Add(new DiskListCommand());
        Add(new DiskDeleteCommand());
        Add(new DiskUnlockCommand());
        Add(new DiskResizeCommand());
        Add(new DiskImportCommand());
        Add(new DiskAttachCommand());
        Add(new DiskDetachCommand());
    }

    /// <summary>Bytes of a size.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static long Size(string text) => SizeText.Parse(text) is { } bytes and > 0
        ? bytes
        : throw CliException.Usage($"invalid size: `{Printable.Line(text)}`", "write it as 10GiB or 512MiB");

    /// <summary>Does something for each of several disks; one that is missing is only worth a warning.</summary>
    public static async Task<int> EachAsync(CliContext context, string[] names, Func<string, Task> action)
    {
        foreach (var name in names)
        {
            try
            {
                await action(name);
            }
            catch (CliException e) when (e.Code == "disk-not-found")
            {
                context.Log.Warn($"Ignoring non-existent disk `{name}`");
            }
        }

        return ExitCodes.Success;
    }
}

/// <summary><c>limactl disk create</c>.</summary>
internal sealed class DiskCreateCommand : CliCommand
{
    private readonly Argument<string> _name = new("DISK") { Description = "name of the new disk" };
    private readonly Option<string> _size = new("--size") { Description = "its size, for example 10GiB", HelpName = "SIZE", Required = true };
    private readonly Option<string?> _format = Text("--format", "FORMAT", "qcow2 or raw (default: qcow2)");

    public DiskCreateCommand() : base("create", "Create an empty disk", CommandGroup.Advanced, "limactl disk create data --size=10GiB", "limactl disk create data --size=10GiB --format=raw")
    {
        Add(_name);
        Add(_size);
        Add(_format);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (name, bytes, format) = (parsed.GetRequiredValue(_name), DiskCommand.Size(parsed.GetRequiredValue(_size)), parsed.GetValue(_format) ?? "qcow2");
        if (format is not ("qcow2" or "raw")) throw CliException.Usage($"disk format `{format}` not supported, use `qcow2` or `raw` instead");
        context.Log.Info($"Creating {format} disk `{name}` with size {Sizes.Text(bytes)}");
        await context.Client.CreateDiskAsync(new CreateDiskRequest { Name = name, Size = bytes, Format = format }, cancel);
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl disk list</c>.</summary>
internal sealed class DiskListCommand : CliCommand
{
    private readonly Argument<string[]> _names = new("DISK") { Description = "disks to show (default: all)", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _json = Flag("--json", "one JSON object a line");
    private readonly Option<bool> _all = Flag("--all-fields", "also what the disks take here (ALLOCATED)");

    public DiskListCommand() : base("list", "List disks", CommandGroup.Advanced, "limactl disk list", "limactl disk ls --json data")
    {
        Aliases.Add("ls");
        Add(_names);
        Add(_json);
        Add(_all);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var all = (await context.Client.DisksAsync(cancel)).Disks;
        var names = parsed.GetValue(_names) ?? [];
        foreach (var missing in names.Where(name => all.All(disk => disk.Name != name))) context.Log.Warn($"No disk matching {missing} found.");
        List<DiskView> chosen = names.Length == 0 ? [.. all] : [.. names.SelectMany(name => all.Where(disk => disk.Name == name))];
        if (parsed.GetValue(_json))
        {
            context.World.Out.Write(string.Concat(chosen.Select(disk => JsonSerializer.Serialize(disk, ContractsJson.Default.DiskView) + "\n")));
            return ExitCodes.Success;
        }

        if (chosen.Count == 0) context.Log.Warn("No disk found. Run `limactl disk create DISK --size SIZE` to create a disk.");
        context.World.Out.Write(Table.Format([Row("NAME", "SIZE", "ALLOCATED", "FORMAT", "DIR", "IN-USE-BY"), .. chosen.Select(Cells)]));
        return ExitCodes.Success;

        IReadOnlyList<string> Cells(DiskView disk) => Row(disk.Name, Sizes.Text(disk.Size), Sizes.Text(disk.Allocated), disk.Format, disk.Dir, disk.Instance);

        // Lima's columns, unless more was asked for.
        IReadOnlyList<string> Row(string name, string size, string allocated, string format, string directory, string instance) =>
            parsed.GetValue(_all) ? [name, size, allocated, format, directory, instance] : [name, size, format, directory, instance];
    }
}

/// <summary><c>limactl disk delete</c>.</summary>
internal sealed class DiskDeleteCommand : CliCommand
{
    private readonly Argument<string[]> _names = new("DISK") { Description = "disks to delete", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _force = Flag("--force", "delete although an instance uses or names it", "-f");

    public DiskDeleteCommand() : base("delete", "Delete disks with all that is on them", CommandGroup.Advanced, "limactl disk delete data", "limactl disk rm -f data old")
    {
        Aliases.Add("remove");
        Aliases.Add("rm");
        Add(_names);
        Add(_force);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel) =>
        DiskCommand.EachAsync(context, parsed.GetValue(_names)!, async name =>
        {
            try
            {
                var disk = await context.Client.DiskAsync(name, "delete", new DiskRequest { Force = parsed.GetValue(_force) }, cancel);
                context.Log.Info($"Deleted `{name}` (`{disk.Dir}`)");
            }
            catch (CliException e) when (e.Code == "disk-referred")
            {
                context.Log.Warn($"Skipping deleting disk `{name}`, {e.Message.Replace($"disk `{name}` is", "disk is")}");
                context.Log.Warn($"To delete anyway, run `limactl disk delete --force {name}`");
            }
        });
}

/// <summary><c>limactl disk unlock</c>.</summary>
internal sealed class DiskUnlockCommand : CliCommand
{
    private readonly Argument<string[]> _names = new("DISK") { Description = "disks to unlock", Arity = ArgumentArity.OneOrMore };

    public DiskUnlockCommand() : base(
        "unlock", "Unlock disks that a killed instance left locked", CommandGroup.Advanced, "limactl disk unlock data") => Add(_names);

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel) =>
        DiskCommand.EachAsync(context, parsed.GetValue(_names)!, async name =>
        {
            try
            {
                var before = await context.Client.DiskAsync(name, "unlock", new DiskRequest(), cancel);
                if (before.Instance.Length == 0) context.Log.Warn($"Ignoring unlocked disk `{name}`");
                else context.Log.Info($"Unlocked disk `{name}` (`{before.Dir}`)");
            }
            catch (CliException e) when (e.Code == "disk-in-use")
            {
                context.Log.Warn(char.ToUpperInvariant(e.Message[0]) + e.Message[1..]);
            }
        });
}

/// <summary><c>limactl disk resize</c>.</summary>
internal sealed class DiskResizeCommand : CliCommand
{
    private readonly Argument<string> _name = new("DISK") { Description = "disk to grow" };
    private readonly Option<string> _size = new("--size") { Description = "its new size, for example 20GiB", HelpName = "SIZE", Required = true };

    public DiskResizeCommand() : base("resize", "Grow a disk, also while an instance uses it", CommandGroup.Advanced, "limactl disk resize data --size=20GiB")
    {
        Add(_name);
        Add(_size);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (name, bytes) = (parsed.GetRequiredValue(_name), DiskCommand.Size(parsed.GetRequiredValue(_size)));
        var disk = (await context.Client.DisksAsync(cancel)).Disks.FirstOrDefault(d => d.Name == name);
        if (disk is { Instance.Length: > 0 })
        {
            await new InstanceWork(context).ChangeDiskAsync(
                disk.Instance, id => new DiskChangeRequest { CommandId = id, Action = "grow", Disk = name, Size = bytes }, $"disk `{name}` did not grow", cancel);
        }
        else
        {
            disk = await context.Client.DiskAsync(name, "resize", new DiskRequest { Size = bytes }, cancel);
        }

        context.Log.Info($"Resized disk `{name}` (`{disk.Dir}`)");
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl disk import</c>.</summary>
internal sealed class DiskImportCommand : CliCommand
{
    private readonly Argument<string> _name = new("DISK") { Description = "name of the new disk" };
    private readonly Argument<string> _file = new("FILE") { Description = "image to copy, qcow2 or raw" };

    public DiskImportCommand() : base("import", "Make a disk of an image", CommandGroup.Advanced, "limactl disk import data ./data.qcow2")
    {
        Add(_name);
        Add(_file);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetRequiredValue(_name);
        var file = Path.GetFullPath(parsed.GetRequiredValue(_file), context.World.WorkingDirectory);
        if (!File.Exists(file)) throw new CliException($"`{file}` does not exist", "name an image");
        var disk = await context.Client.CreateDiskAsync(new CreateDiskRequest { Name = name, Import = file }, cancel);
        context.Log.Info($"Imported disk `{name}` (`{disk.Dir}`), {disk.Format}, {Sizes.Text(disk.Size)}");
        return ExitCodes.Success;
    }
}
