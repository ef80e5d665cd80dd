using System.CommandLine;
using Lima.Cli.Edits;
using Lima.Cli.Templates;
using Lima.Contracts;
using Lima.Domain.Vms;

namespace Lima.Cli.Commands;

/// <summary>What <c>create</c> and <c>start</c> understand by their argument.</summary>
/// <param name="Name">Name of the instance.</param>
/// <param name="Locator">Template that it is made from, unless it exists.</param>
internal sealed record Wanted(string Name, string Locator)
{
    private const string DefaultTemplate = "template:default";

    /// <summary>An instance name means that name from the default template; anything else is the place of a template.</summary>
    /// <exception cref="CliException">No name can be found, or two names are given.</exception>
    public static Wanted From(string? argument, string? name, string defaultInstance)
    {
        if (argument == "-" && name is null)
            throw CliException.Usage("must pass instance name with --name when reading template from stdin");
        if (name is not null && !VmName.TryParse(name, out _, out var problem)) throw new CliException(problem);
        if (string.IsNullOrEmpty(argument)) return new Wanted(name ?? defaultInstance, DefaultTemplate);
        if (TemplateFinder.IsLocator(argument))
        {
            var derived = name ?? TemplateFinder.NameFrom(argument);
            return new Wanted(
                derived ?? throw new CliException($"no instance name can be made from `{argument}`", "choose one with --name"),
                argument);
        }

        if (name is not null && name != argument)
            throw CliException.Usage($"instance name `{argument}` and CLI flag --name={name} cannot be specified together");
        return new Wanted(argument, DefaultTemplate);
    }

    /// <summary>Whether the user named an instance that would come from the default template without having said so.</summary>
    public bool IsBareName(string? argument) => argument == Name && Name != CliContext.UsualInstance && Locator == DefaultTemplate;
}

/// <summary><c>limactl create</c>.</summary>
internal sealed class CreateCommand : CliCommand
{
    private readonly Argument<string?> _template = new("FILE.yaml|URL|template:NAME|-")
    {
        Description = "template of the instance; `-` reads it from standard input (default: template:default)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _name = Text("--name", "NAME", "name of the instance (default: taken from the template's name)");
    private readonly Option<bool> _list = Flag("--list-templates", "print the names of all templates and end");
    private readonly Option<bool> _drivers = Flag("--list-drivers", "print the kinds of virtual machine and end");
    private readonly EditFlags _edits;

    public CreateCommand() : base(
        "create",
        "Create an instance",
        CommandGroup.Basic,
        "limactl create",
        "limactl create --name=dev template:debian-12",
        "limactl create ./my.yaml",
        "limactl create --name=web --cpus=4 --mount=~/src:w template:docker",
        "limactl create --set='.ssh.forwardAgent=true' template:default",
        "cat my.yaml | limactl create --name=my -")
    {
        Add(_template);
        Add(_name);
        Add(_list);
        Add(_drivers);
        _edits = new EditFlags(this, create: true);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        if (parsed.GetValue(_list))
        {
            foreach (var (name, _) in new TemplateFinder(context.World, context.Paths).All()) context.World.Out.Write(name + "\n");
            return ExitCodes.Success;
        }

        if (parsed.GetValue(_drivers))
        {
            context.World.Out.Write("qemu\n");
            return ExitCodes.Success;
        }

        context.WarnRoot();
        var argument = parsed.GetValue(_template);
        if (argument == "-" && context.Options.Tty == true) throw CliException.Usage("cannot use --tty=true when reading template from stdin");
        var wanted = Wanted.From(argument, parsed.GetValue(_name), context.DefaultInstance);
        if (await context.Client.FindAsync(wanted.Name, cancel) is not null)
            throw new CliException($"instance `{wanted.Name}` already exists", $"start it with `limactl start {wanted.Name}`, or choose another name with --name");
        if (!await new InstanceMaker(context, _edits, parsed).MakeAsync(wanted, argument, cancel)) return ExitCodes.Success;
        context.Log.Info($"Run `limactl start {wanted.Name}` to start the instance.");
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl start</c>.</summary>
internal sealed class StartCommand : CliCommand
{
    private readonly Argument<string?> _target = new("NAME|FILE.yaml|URL|template:NAME")
    {
        Description = "instance to start, or template to create it from (default: `default`)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _name = Text("--name", "NAME", "name of the instance (default: taken from the template's name)");
    private readonly Option<string?> _timeout = Text("--timeout", "DURATION", "how long the start may take, for example 90s or 10m (default: 10m)");
    private readonly Option<bool> _progress = Flag("--progress", "show the guest's own lines");
    private readonly Option<bool> _foreground = Flag("--foreground", "stay until the instance stops; Ctrl-C and SIGTERM shut it down");
    private readonly EditFlags _edits;

    public StartCommand() : base(
        "start",
        "Start an instance, creating it first when there is none of that name",
        CommandGroup.Basic,
        "limactl start",
        "limactl start web",
        "limactl start --name=dev template:tiny",
        "limactl start --name=k8s --cpus=4 --memory=8 template:k8s",
        "limactl start --timeout=90s ./my.yaml")
    {
        Add(_target);
        Add(_name);
        Add(_timeout);
        Add(_progress);
        Add(_foreground);
        _edits = new EditFlags(this, create: true);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var argument = parsed.GetValue(_target);
        var timeout = parsed.GetValue(_timeout) is { } text ? GoDuration.Parse("--timeout", text) : StartOptions.Default.Timeout;
        var wanted = Wanted.From(argument, parsed.GetValue(_name), context.DefaultInstance);
        if (await context.Client.FindAsync(wanted.Name, cancel) is { } existing)
        {
            CheckUsable(existing);
            context.Log.Info($"Using the existing instance `{wanted.Name}`");
            await new InstanceWork(context).ApplyAsync(_edits, parsed, existing, cancel);
        }
        else
        {
            if (!await new InstanceMaker(context, _edits, parsed).MakeAsync(wanted, argument, cancel)) return ExitCodes.Success;
        }

        await new Lifecycle(context).StartAsync(wanted.Name, new StartOptions(timeout, parsed.GetValue(_progress)), cancel);
        if (parsed.GetValue(_foreground)) await new Foreground(context).StayAsync(wanted.Name, cancel);
        return ExitCodes.Success;
    }

    private static void CheckUsable(InstanceView instance)
    {
        if (instance is { Status: "Broken", Errors: { Count: > 0 } errors })
            throw new CliException($"instance `{instance.Name}` has configuration errors: {string.Join("; ", errors)}", $"correct `{instance.Dir}/lima.yaml`");
    }
}
