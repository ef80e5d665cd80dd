using System.ComponentModel;
using System.Diagnostics;

namespace Lima.Drivers.Ssh;

/// <summary>Runs <c>ssh-keygen</c>.</summary>
/// <param name="program">Its name or path.</param>
internal sealed class KeyGenerator(string program)
{
    private const int OutputMax = 16 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Makes an ed25519 pair without a passphrase at <paramref name="file"/> (which must not exist) and <c>file.pub</c>.</summary>
    /// <exception cref="DriverException">It is not installed, failed, or did not end (code <c>ssh-keygen</c>).</exception>
    public async Task MakeAsync(string file, string comment, CancellationToken cancel) =>
        _ = await RunAsync(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file], cancel);

    /// <summary>The public half of a private key.</summary>
    /// <exception cref="DriverException">As <see cref="MakeAsync"/>, or the file is no key without a passphrase.</exception>
    public async Task<string> PublicLineAsync(string file, CancellationToken cancel) =>
        (await RunAsync(["-y", "-P", "", "-f", file], cancel)).Trim();

    private async Task<string> RunAsync(string[] arguments, CancellationToken cancel)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Limit);
        try
        {
            var output = ReadAsync(process.StandardOutput, deadline.Token);
            var error = ReadAsync(process.StandardError, deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == 0
                ? await output
                : throw Failure($"`{program}` failed for `{arguments[^1]}`: {(await error).Trim().ReplaceLineEndings(" ")}", "");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw Failure($"`{program}` did not end within {Limit.TotalSeconds:0} s", "");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw Failure(
                $"`{program}` cannot be run: {failure.Message}", "install OpenSSH's client (Debian and Ubuntu: `openssh-client`)", failure);
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancel)
    {
        var buffer = new char[OutputMax];
        var count = await reader.ReadBlockAsync(buffer, cancel);
        return new string(buffer, 0, count);
    }

    private static DriverException Failure(string message, string hint, Exception? inner = null) =>
        new("ssh-keygen", "making SSH keys", message, hint, inner);
}
