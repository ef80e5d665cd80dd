using System.Runtime.InteropServices;
using Lima.Cli.Shell;

namespace Lima.Cli;

/// <summary>Everything around the process that a command may see; tests put their own in its place.</summary>
internal sealed class CliWorld
{
    /// <summary>Data for programs and pipes.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Words for people.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input; opened only when it is read.</summary>
    public required Lazy<TextReader> In { get; init; }

    /// <summary>Standard input is a terminal.</summary>
    public bool InIsTerminal { get; init; }

    /// <summary>Standard output is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Standard error is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the terminal; null when there is none.</summary>
    public required Func<int?> TerminalWidth { get; init; }

    /// <summary>A variable of the environment; null when unset.</summary>
    public required Func<string, string?> Env { get; init; }

    /// <summary>The whole environment.</summary>
    public required Func<IEnumerable<KeyValuePair<string, string>>> AllEnv { get; init; }

    /// <summary>Current directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>This program's own file, symbolic links resolved.</summary>
    public required string BinaryPath { get; init; }

    /// <summary>Clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Directory that is there when systemd runs this machine.</summary>
    public string SystemdDirectory { get; init; } = "/run/systemd/system";

    /// <summary>Replaces this process by another program; returns only in tests.</summary>
    public required Func<ExecRequest, int> Exec { get; init; }

    /// <summary>Whether the user is root.</summary>
    public bool IsRoot { get; init; }

    /// <summary>Calls back on Ctrl-C and SIGTERM until disposed.</summary>
    public required Func<Action, IDisposable> OnInterrupt { get; init; }

    /// <summary>The user's home directory.</summary>
    public string UserHome => Env("HOME") is { Length: > 0 } home ? home : "/";

    /// <summary>The real one.</summary>
    public static CliWorld Real() => new()
    {
        // Console.Out would set up encodings and locks that a program writing a few lines does not need.
        Out = new StreamWriter(new DescriptorStream(1), bufferSize: 4096),
        Error = new StreamWriter(new DescriptorStream(2), bufferSize: 1024) { AutoFlush = true },
        In = new Lazy<TextReader>(() => new StreamReader(Console.OpenStandardInput())),
        InIsTerminal = Posix.IsTerminal(0),
        OutIsTerminal = Posix.IsTerminal(1),
        ErrorIsTerminal = Posix.IsTerminal(2),
        TerminalWidth = Posix.TerminalWidth,
        Env = Environment.GetEnvironmentVariable,
        AllEnv = EnvironmentPairs,
        WorkingDirectory = CurrentDirectory(),
        BinaryPath = Environment.ProcessPath ?? "/usr/bin/limactl",
        Clock = TimeProvider.System,
        Exec = Posix.Exec,
        IsRoot = Posix.EffectiveUser() == 0,
        OnInterrupt = callback => new Interrupts(callback),
    };

    private static IEnumerable<KeyValuePair<string, string>> EnvironmentPairs()
    {
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            yield return new((string)entry.Key, (string?)entry.Value ?? "");
    }

    private static string CurrentDirectory()
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (IOException)
        {
            // The directory was removed under us; nothing below it can be meant.
            return "/";
        }
    }

    private sealed class Interrupts : IDisposable
    {
        private readonly PosixSignalRegistration _int;
        private readonly PosixSignalRegistration _term;

        public Interrupts(Action callback)
        {
            _int = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
            _term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);

            void Handle(PosixSignalContext context)
            {
                context.Cancel = true;
                callback();
            }
        }

        public void Dispose()
        {
            _int.Dispose();
            _term.Dispose();
        }
    }
}
