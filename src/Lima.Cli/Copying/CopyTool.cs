using Lima.Cli.Shell;

namespace Lima.Cli.Copying;

/// <summary>Chooses between rsync and scp and makes their command lines.</summary>
internal sealed class CopyTool(CliContext context, CopyOptions options)
{
    private readonly Dictionary<string, string> _aliases = [];

    /// <summary>Names of the programs that copy.</summary>
    public static IReadOnlyList<string> Backends { get; } = ["auto", "rsync", "scp"];

    /// <summary>The program that is to copy, with its whole command line. Every guest has been found to answer.</summary>
    /// <param name="backend">One of <see cref="Backends"/>.</param>
    /// <param name="operands">Sources, then the target.</param>
    /// <param name="cancel">Ends the wait for guests.</param>
    /// <exception cref="CliException">An instance does not run, or the program is not there.</exception>
    public async Task<ExecRequest> ChooseAsync(string backend, IReadOnlyList<CopyOperand> operands, CancellationToken cancel)
    {
        if (!Backends.Contains(backend)) throw CliException.Usage($"invalid backend `{backend}`, must be one of: scp, rsync, auto");
        var access = new GuestAccess(context);
        foreach (var name in Instances(operands)) _aliases[name] = (await access.ReachAsync(name, start: false, mayAsk: false, cancel)).Alias;
        var rsync = Find("rsync");
        if (backend == "rsync")
        {
            if (rsync is null) throw new CliException("rsync not found on host", "install it (Debian, Ubuntu: `apt install rsync`), or use --backend=scp");
            return await RsyncAsync(rsync, operands, cancel)
                ?? throw new CliException("rsync not available on guest(s)", "install it there, or use --backend=scp");
        }

        // rsync cannot go from one guest to another.
        if (backend == "auto" && rsync is not null && operands.Count(operand => operand.Instance is not null) <= 1
            && await RsyncAsync(rsync, operands, cancel) is { } found) return found;
        var scp = Find("scp") ?? throw new CliException(
            backend == "scp" ? "scp not found on host" : "neither rsync nor scp found on host", "install OpenSSH's client (Debian, Ubuntu: `apt install openssh-client`)");
        return Scp.Command(scp, SshConfig(operands), operands, name => _aliases[name], options);
    }

    // Null when a guest has no rsync.
    private async Task<ExecRequest?> RsyncAsync(string program, IReadOnlyList<CopyOperand> operands, CancellationToken cancel)
    {
        var looks = new Dictionary<string, GuestLook>();
        foreach (var name in Instances(operands))
        {
            List<string> paths = [.. operands.Where(operand => operand.Instance == name).Select(operand => operand.Path)];
            if (await GuestLook.TakeAsync(context.World, context.Paths.Instance(name), _aliases[name], paths, cancel) is not { HasRsync: true } look)
            {
                context.Log.Debug($"rsync is not available in instance `{name}`");
                return null;
            }

            looks[name] = look;
        }

        List<CopySide> sides = [.. operands.Select(operand => new CopySide(operand, IsDirectory(operand, looks)))];
        var plan = CopyLayout.ForRsync([.. sides.SkipLast(1)], sides[^1], options.Recursive);
        return Rsync.Command(program, [.. SshProgram.Words(context.World), "-F", SshConfig(operands)], plan, name => _aliases[name], options);
    }

    private bool IsDirectory(CopyOperand operand, Dictionary<string, GuestLook> looks) => operand.Instance is { } name
        ? looks[name].Directories.Contains(operand.Path)
        : Directory.Exists(Path.Combine(context.World.WorkingDirectory, operand.Path));

    // The instance's own file has its shared connection too; nobody but a copy between guests does without that name.
    private string SshConfig(IReadOnlyList<CopyOperand> operands) => Instances(operands).ToList() is [var only]
        ? Path.Combine(context.Paths.Instance(only), "ssh.config")
        : AllInstances.SshConfig(context.Paths);

    private string? Find(string program) => ExecRequest.Find(program, context.World.Env("PATH"));

    private static IEnumerable<string> Instances(IEnumerable<CopyOperand> operands) => operands.Select(operand => operand.Instance).OfType<string>().Distinct();
}
