using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Lima.Drivers.Images;
using Lima.Drivers.Processes;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// One <c>ssh</c> of ours with a script at its other end. It ends with us: the script ends when its standard input does, which the
/// kernel sees to however this process ends.
/// </summary>
internal sealed class SshChild : IAsyncDisposable
{
    private const int LineMax = 256 * 1024;
    private const int LastWordsMax = 500;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Task _reading;
    private readonly Task<string> _lastWords;
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heardAt;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SshChild(Process process, Action<string> said, TimeProvider time)
    {
        (_process, _time, _heardAt) = (process, time, time.GetTimestamp());
        _lastWords = LastWordsAsync(process.StandardError);
        _reading = ReadAsync(process.StandardOutput, said);
        Ended = EndAsync();
    }

    /// <summary>Completes when the script at the other end has said its first line; fails with what ssh complained about when it ends before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes with why, when it has ended.</summary>
    public Task<string> Ended { get; }

    /// <summary>How long ago the script at the other end said something.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(Volatile.Read(ref _heardAt));

    /// <summary>Whether the script at the other end answers, as it does to each line.</summary>
    public async Task<bool> AnswersAsync(TimeSpan limit, CancellationToken cancel)
    {
        var heard = Volatile.Read(ref _heard).Task;
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync("\n"u8.ToArray(), cancel);
            await _process.StandardInput.BaseStream.FlushAsync(cancel);
            await heard.WaitAsync(limit, _time, cancel);
            return true;
        }
        catch (Exception e) when (e is IOException or TimeoutException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="arguments">Arguments of ssh; the command at the other end must read the script from its standard input.</param>
    /// <param name="script">Sent first.</param>
    /// <param name="said">Told each line that comes back, cut at 256 KiB.</param>
    /// <param name="time">For limits.</param>
    /// <exception cref="DriverException">ssh is not there (<c>tool-missing</c>).</exception>
    public static async Task<SshChild> StartAsync(IEnumerable<string> arguments, string script, Action<string> said, TimeProvider time)
    {
        var info = new ProcessStartInfo(
            Programs.Find("ssh") ?? throw new DriverException("tool-missing", "running ssh", "`ssh` is not installed", "install OpenSSH's client, or correct PATH"))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        info.Environment["LC_ALL"] = "C";
        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new DriverException("tool-missing", "running ssh", $"`ssh` could not be started: {e.Message}", inner: e);
        }

        var child = new SshChild(process, said, time);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(script));
            await process.StandardInput.BaseStream.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended already; its last words tell why.
        }

        return child;
    }

    /// <summary>Ends it and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Closed by its other side.
        }

        await Task.WhenAny(Ended, Task.Delay(EndLimit, _time));
        Kill();
        await Ended;
        _process.Dispose();
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            if (!_process.HasExited) _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended in this moment.
        }
    }

    private async Task<string> EndAsync()
    {
        await _process.WaitForExitAsync();
        await Task.WhenAny(Task.WhenAll(_reading, _lastWords), Task.Delay(EndLimit, _time));
        var words = _lastWords.IsCompletedSuccessfully ? await _lastWords : "";
        var why = words.Length > 0 ? words : $"ssh ended with status {_process.ExitCode}";
        _ready.TrySetException(new DriverException("forward-down", "reaching the guest by SSH", why));
        // Nobody may be waiting for it any more.
        _ = _ready.Task.Exception;
        return why;
    }

    private async Task ReadAsync(StreamReader reader, Action<string> said)
    {
        var line = new StringBuilder();
        var buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer)) > 0;)
        {
            foreach (var letter in buffer.AsMemory(0, read).ToArray())
            {
                if (letter != '\n')
                {
                    if (line.Length < LineMax) line.Append(letter);
                    continue;
                }

                _ready.TrySetResult();
                Volatile.Write(ref _heardAt, _time.GetTimestamp());
                Interlocked.Exchange(ref _heard, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
                said(line.ToString());
                line.Clear();
            }
        }
    }

    private static async Task<string> LastWordsAsync(StreamReader reader)
    {
        var tail = await LineTail.ReadAsync(reader, each: null, CancellationToken.None);
        var words = string.Join("; ", tail.Lines);
        return words.Length <= LastWordsMax ? words : words[^LastWordsMax..];
    }
}
