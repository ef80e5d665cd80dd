using System.CommandLine;

namespace Lima.Cli.Commands;

/// <summary><c>limactl screenshot</c>. None of the drivers there are can take one; Lima's driver for QEMU cannot either.</summary>
internal sealed class ScreenshotCommand : CliCommand
{
    private static readonly string[] Extensions = [".png", ".bmp"];
    private readonly Argument<string> _name = new("INSTANCE") { Description = "instance whose screen is wanted" };
    private readonly Option<string?> _output = Text("--output", "FILE", "where to write it, .png or .bmp (default: INSTANCE-screenshot.png)", "-o");

    public ScreenshotCommand() : base(
        "screenshot", "Take a picture of an instance's display (no driver can yet)", CommandGroup.Advanced, "limactl screenshot -o screen.png web")
    {
        Add(_name);
        Add(_output);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetRequiredValue(_name);
        var instance = await context.Client.FindAsync(name, cancel)
            ?? throw new CliException($"instance `{name}` does not exist, run `limactl create {name}` to create a new instance");
        if (instance.Status != "Running") throw new CliException($"instance `{name}` is not running (status: {instance.Status})", $"start it: `limactl start {name}`");
        var extension = Path.GetExtension(parsed.GetValue(_output) ?? ".png");
        if (!Extensions.Contains(extension.ToLowerInvariant())) throw CliException.Usage($"unsupported output extension `{extension}`: must be .png or .bmp");
        throw new CliException($"screenshot failed: driver `{instance.VmType}` does not support screenshots", $"its console's text is in `{instance.Dir}/serial.log`");
    }
}
