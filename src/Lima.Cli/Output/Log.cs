using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lima.Cli.Output;

/// <summary>How much is said.</summary>
internal enum LogLevel
{
    /// <summary>Everything.</summary>
    Trace,
    /// <summary>For finding faults.</summary>
    Debug,
    /// <summary>What happens.</summary>
    Info,
    /// <summary>What may surprise.</summary>
    Warning,
    /// <summary>What went wrong.</summary>
    Error,
    /// <summary>Why the command failed.</summary>
    Fatal,
}

/// <summary>Messages on standard error in the form that users of Lima know: logrus text, or JSON lines.</summary>
internal sealed class Log(CliWorld world, LogLevel least = LogLevel.Info, bool json = false)
{
    private readonly long _started = world.Clock.GetTimestamp();

    /// <summary>Called before a line is written, so that a progress line can make room.</summary>
    public Action? BeforeLine { get; set; }

    /// <summary>Says what happens.</summary>
    public void Info(string message) => Write(LogLevel.Info, message);

    /// <summary>Says what may surprise.</summary>
    public void Warn(string message) => Write(LogLevel.Warning, message);

    /// <summary>Says what went wrong.</summary>
    public void Error(string message) => Write(LogLevel.Error, message);

    /// <summary>Says why the command failed.</summary>
    public void Fatal(string message) => Write(LogLevel.Fatal, message);

    /// <summary>Says what helps to find faults.</summary>
    public void Debug(string message) => Write(LogLevel.Debug, message);

    /// <summary>Writes one message.</summary>
    public void Write(LogLevel level, string message)
    {
        if (level < least) return;
        BeforeLine?.Invoke();
        world.Error.Write((json ? Json(level, message) : world.ErrorIsTerminal ? Coloured(level, message) : Plain(level, message)) + "\n");
    }

    private string Now() => world.Clock.GetLocalNow().ToString("yyyy-MM-ddTHH:mm:ssK").Replace("+00:00", "Z");

    private string Plain(LogLevel level, string message) => $"time=\"{Now()}\" level={Word(level)} msg={Quote(message)}";

    private string Json(LogLevel level, string message) =>
        $"{{\"level\":\"{Word(level)}\",\"msg\":\"{JsonEncodedText.Encode(message, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\",\"time\":\"{Now()}\"}}";

    private string Coloured(LogLevel level, string message)
    {
        var colour = level switch { LogLevel.Info => 36, LogLevel.Warning => 33, LogLevel.Error or LogLevel.Fatal => 31, _ => 37 };
        var seconds = (int)world.Clock.GetElapsedTime(_started).TotalSeconds;
        return $"\e[{colour}m{Word(level).ToUpperInvariant()[..4]}\e[0m[{seconds:0000}] {string.Join('\n', message.Split('\n').Select(line => Printable.Line(line, 8000)))}";
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Info => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    // logrus leaves a value bare when it is one plain word, and quotes it as Go does otherwise.
    private static string Quote(string text)
    {
        if (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-._/@^+".Contains(c))) return text;
        var quoted = new StringBuilder("\"", text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                _ when char.IsControl(c) => quoted.Append($"\\x{(int)c:x2}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
