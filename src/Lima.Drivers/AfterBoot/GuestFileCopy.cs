using System.Diagnostics;
using System.Text;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.CloudInit;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.AfterBoot;

/// <summary>
/// Copies one file of a guest to the host by <c>ssh</c>, as a stream, so that it may be of any kind and size. It appears under its
/// name as a whole, readable by its owner alone; a symbolic link of that name is replaced, never followed.
/// </summary>
internal sealed class GuestFileCopy(InstanceDirectory directory, CopyToHostSpec rule)
{
    /// <summary>Largest file that is copied, in bytes: what a guest offers may have no end.</summary>
    public const long BytesMax = 1L << 30;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int ErrorMax = 4096;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Copies it. A file that is missing is no error where the rule says so.</summary>
    /// <exception cref="DriverException">It could not be read in the guest or written here (code <c>copy-to-host</c>).</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(rule.Host) ?? throw Problem("it names no file");
        var temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}.tmp");
        try
        {
            // What is there already keeps its permissions.
            Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
            var read = await ReadAsync(temporary, "env LC_ALL=C cat --", cancel);
            if (read.Contains("Permission denied", StringComparison.Ordinal)) read = await ReadAsync(temporary, "sudo -n env LC_ALL=C cat --", cancel);
            if (read.Contains("No such file or directory", StringComparison.Ordinal) && rule.SkipIfMissing) return;
            if (read.Length > 0) throw Problem(read);
            File.Move(temporary, rule.Host, overwrite: true);
            DirectorySync.Flush(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Problem(failure.Message, failure);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    /// <summary>Reads it into a file; empty, or why that was not possible.</summary>
    private async Task<string> ReadAsync(string temporary, string command, CancellationToken cancel)
    {
        using var process = Start($"{command} {ShellText.Quote(rule.Guest)}");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Limit);
        try
        {
            process.StandardInput.Close();
            var errors = ErrorsAsync(process.StandardError, deadline.Token);
            await using var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private, Options = FileOptions.Asynchronous,
            });
            if (!await CopyAsync(process.StandardOutput.BaseStream, file, deadline.Token)) return $"it is larger than {BytesMax >> 20} MiB, the most that is copied";
            file.Flush(flushToDisk: true);
            await process.WaitForExitAsync(deadline.Token);
            var said = await errors;
            return process.ExitCode == 0 ? "" : said.Length > 0 ? said : $"exit status {process.ExitCode}";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"it was not copied within {Limit.TotalMinutes:0} minutes";
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    // A connection of its own: the shared one may end with the terminal that made it.
    private Process Start(string command)
    {
        var program = Programs.Find("ssh") ?? throw Problem("`ssh` is not installed");
        string[] arguments = ["-F", directory.SshConfig, "-o", "ControlMaster=no", "-o", "ControlPath=none", "-T", directory.Name.Hostname, command];
        return Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        }) ?? throw Problem("`ssh` could not be started");
    }

    private static async Task<bool> CopyAsync(Stream from, Stream to, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        long total = 0;
        for (int count; (count = await from.ReadAsync(buffer, cancel)) > 0;)
        {
            total += count;
            if (total > BytesMax) return false;
            await to.WriteAsync(buffer.AsMemory(0, count), cancel);
        }

        return true;
    }

    /// <summary>The last lines of what went wrong, on one line; all of it is read, so that the writer never waits.</summary>
    private static async Task<string> ErrorsAsync(StreamReader errors, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var part = new char[1024];
        for (int count; (count = await errors.ReadAsync(part, cancel)) > 0;)
            if (text.Length < ErrorMax) text.Append(part, 0, Math.Min(count, ErrorMax - text.Length));
        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Concat(string.Join(" | ", lines).Select(letter => char.IsControl(letter) ? ' ' : letter));
    }

    private DriverException Problem(string why, Exception? inner = null) => new(
        VmCauses.Requirements, "copying to the host", $"`{rule.Guest}` of instance `{directory.Name}` could not be copied to `{rule.Host}`: {why}",
        "correct `copyToHost` with `limactl edit`", inner);
}
