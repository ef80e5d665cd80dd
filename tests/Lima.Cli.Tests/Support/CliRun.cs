using Lima.Cli.Shell;
using Lima.Testing;

namespace Lima.Cli.Tests.Support;

/// <summary>What a command line did.</summary>
public sealed record CliResult(int Exit, string Out, string Error, IReadOnlyList<ExecRequest> Execs)
{
    /// <summary>Standard error without the times.</summary>
    public string Messages => System.Text.RegularExpressions.Regex.Replace(Error, "time=\"[^\"]*\" ", "");
}

/// <summary>Runs real command lines in this process, with a world of their own.</summary>
public sealed class CliRun : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public CliRun()
    {
        Environment["HOME"] = _directory["home"];
        Environment["LIMA_HOME"] = Home;
        Environment["PATH"] = "/usr/bin:/bin";
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(_directory["home"]);
        WorkingDirectory = _directory.Path;
    }

    public Dictionary<string, string> Environment { get; } = [];

    public string Home => _directory["lima"];

    public string UserHome => _directory["home"];

    public string Path => _directory.Path;

    public string WorkingDirectory { get; set; }

    public string Input { get; set; } = "";

    public bool Terminal { get; set; }

    public bool IsRoot { get; set; }

    /// <summary>Whether a systemd is to be thought to run; what it is told goes to a <c>systemctl</c> in <see cref="Environment"/>'s PATH.</summary>
    public bool Systemd { get; set; }

    /// <summary>Called with the handler of Ctrl-C when a command registers one.</summary>
    public Action<Action>? Interrupt { get; set; }

    public Task<CliResult> LimactlAsync(params string[] arguments) => RunAsync("limactl", arguments);

    public async Task<CliResult> RunAsync(string program, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var execs = new List<ExecRequest>();
        var exit = await CliApp.RunAsync(program, arguments, World(output, error, execs)).WaitAsync(TimeSpan.FromSeconds(60));
        return new CliResult(exit, output.ToString(), error.ToString(), execs);
    }

    /// <summary>The surroundings that command lines are run in.</summary>
    internal CliWorld World(TextWriter output, TextWriter error, List<ExecRequest> execs) => new()
    {
        Out = output,
        Error = TextWriter.Synchronized(error),
        In = new Lazy<TextReader>(() => new StringReader(Input)),
        OutIsTerminal = Terminal,
        ErrorIsTerminal = Terminal,
        TerminalWidth = () => Terminal ? 80 : null,
        Env = name => Environment.GetValueOrDefault(name),
        AllEnv = () => Environment,
        WorkingDirectory = WorkingDirectory,
        BinaryPath = _directory["bin/limactl"],
        Clock = TimeProvider.System,
        IsRoot = IsRoot,
        SystemdDirectory = Systemd ? _directory.Path : _directory["no-systemd"],
        Exec = request =>
        {
            execs.Add(request);
            return 0;
        },
        OnInterrupt = callback =>
        {
            Interrupt?.Invoke(callback);
            return new StringReader("");
        },
    };

    public void Dispose() => _directory.Dispose();
}
