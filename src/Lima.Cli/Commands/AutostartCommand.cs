using System.CommandLine;
using Lima.Cli.Client;

namespace Lima.Cli.Commands;

/// <summary><c>limactl autostart</c>.</summary>
internal sealed class AutostartCommand : CliCommandFamily
{
    public AutostartCommand() : base(
        "autostart", "Start instances when you log in", CommandGroup.Advanced, "limactl autostart enable web", "limactl autostart disable web")
    {
        Add(new AutostartEnableCommand());
        Add(new AutostartDisableCommand());
    }

    /// <summary>Registers an instance.</summary>
    public static async Task EnableAsync(CliContext context, string name, CancellationToken cancel)
    {
        await new InstanceWork(context).RequireAsync(name, cancel);
        await new AutostartUnit(context.World, context.Paths).EnableAsync(name, cancel);
        context.Log.Info($"Instance `{name}` registered to start at login");
    }

    /// <summary>Takes the registration back.</summary>
    public static async Task DisableAsync(CliContext context, string name, CancellationToken cancel)
    {
        await new InstanceWork(context).RequireAsync(name, cancel);
        var unit = new AutostartUnit(context.World, context.Paths);
        if (!unit.Has(name))
        {
            context.Log.Info($"Instance `{name}` is not registered for automatic startup");
            return;
        }

        await unit.DisableAsync(name, cancel);
        context.Log.Info($"Instance `{name}` unregistered from start at login");
    }
}

/// <summary><c>limactl autostart enable</c>.</summary>
internal sealed class AutostartEnableCommand : CliCommand
{
    private readonly Argument<string> _name = new("INSTANCE") { Description = "instance to start" };
    private readonly Option<string?> _condition = Text("--condition", "WHEN", "login, or boot (macOS only) (default: login)");
    private readonly Option<string?> _user = Text("--user", "USER", "user to start it as, with --condition=boot (macOS only)");

    public AutostartEnableCommand() : base("enable", "Register an instance to start automatically", CommandGroup.Advanced, "limactl autostart enable web")
    {
        Add(_name);
        Add(_condition);
        Add(_user);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        switch (parsed.GetValue(_condition) ?? "login")
        {
            case "login" when parsed.GetValue(_user) is null:
                break;
            case "login":
                throw CliException.Usage("--user is only supported with --condition=boot");
            case "boot":
                throw new CliException("--condition=boot is only supported on macOS", "`loginctl enable-linger` has systemd start your units at boot");
            case var other:
                throw CliException.Usage($"unknown condition `{other}`", "use login");
        }

        await AutostartCommand.EnableAsync(context, parsed.GetRequiredValue(_name), cancel);
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl autostart disable</c>.</summary>
internal sealed class AutostartDisableCommand : CliCommand
{
    private readonly Argument<string> _name = new("INSTANCE") { Description = "instance that is not to start any more" };

    public AutostartDisableCommand() : base("disable", "Unregister an instance from automatic startup", CommandGroup.Advanced, "limactl autostart disable web") => Add(_name);

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        await AutostartCommand.DisableAsync(context, parsed.GetRequiredValue(_name), cancel);
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl start-at-login</c>.</summary>
internal sealed class StartAtLoginCommand : CliCommand
{
    private readonly Argument<string?> _name = new("INSTANCE") { Description = "instance (default: `default`)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool?> _enabled = new("--enabled") { Description = "start it when you log in (default: true)", HelpName = "BOOL", Arity = ArgumentArity.ZeroOrOne };

    public StartAtLoginCommand() : base(
        "start-at-login", "Register or unregister an instance (deprecated; use `limactl autostart`)", CommandGroup.Advanced,
        "limactl start-at-login web", "limactl start-at-login --enabled=false web")
    {
        Add(_name);
        Add(_enabled);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        context.Log.Warn("`limactl start-at-login` is deprecated, use `limactl autostart` instead");
        var name = parsed.GetValue(_name) ?? context.DefaultInstance;
        if (parsed.GetValue(_enabled) ?? true) await AutostartCommand.EnableAsync(context, name, cancel);
        else await AutostartCommand.DisableAsync(context, name, cancel);
        return ExitCodes.Success;
    }
}
