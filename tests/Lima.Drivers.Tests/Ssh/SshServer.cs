using System.Diagnostics;
using System.Runtime.InteropServices;
using Lima.Drivers.Ssh;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Ssh;

/// <summary>A real OpenSSH server on 127.0.0.1 with keys and settings of its own, for one test.</summary>
internal sealed partial class SshServer : IAsyncDisposable
{
    private const int SignalKill = 9;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;

    private readonly TemporaryDirectory _directory;
    private readonly Process _process;

    private SshServer(TemporaryDirectory directory, Process process, SshTarget target)
    {
        _directory = directory;
        _process = process;
        Target = target;
    }

    /// <summary>How to log in.</summary>
    public SshTarget Target { get; }

    /// <summary>Files of the server.</summary>
    public TemporaryDirectory Directory => _directory;

    /// <summary>Starts one; null, with a printed reason, where that is impossible.</summary>
    public static async Task<SshServer?> StartAsync(ITestOutputHelper output)
    {
        if (!Need.Programs(output, "sshd", "ssh-keygen")) return null;
        // A server that runs as root wants this empty directory; distributions make it in their service.
        if (Environment.UserName == "root") System.IO.Directory.CreateDirectory("/run/sshd");
        var directory = new TemporaryDirectory();
        var (hostKey, userKey) = (await MakeKeyAsync(directory, "host"), await MakeKeyAsync(directory, "user"));
        await MakeKeyAsync(directory, "stranger");
        File.Copy(directory["user.pub"], directory["authorized_keys"]);
        var port = FreePort.Choose();
        // A home of its own: the user's start-up files may do anything, and do not expect to be killed.
        File.WriteAllText(directory["sshd_config"], $"""
            ListenAddress 127.0.0.1
            Port {port}
            HostKey {directory["host"]}
            AuthorizedKeysFile {directory["authorized_keys"]}
            PermitRootLogin yes
            PasswordAuthentication no
            StrictModes no
            UsePAM no
            PidFile none
            AllowTcpForwarding yes
            SetEnv HOME={directory.Path}

            """);
        var process = Process.Start(new ProcessStartInfo(Need.Which("sshd")!, ["-D", "-e", "-f", directory["sshd_config"]]) { RedirectStandardError = true })!;
        process.BeginErrorReadLine();
        var target = new SshTarget("127.0.0.1", port, Environment.UserName, directory["user"], hostKey);
        var server = new SshServer(directory, process, target);
        for (var attempt = 0; attempt < 100; attempt++)
        {
            if (await new SshNetConnector().AnswersAsync(target, TimeSpan.FromSeconds(5), CancellationToken.None)) return server;
            await Task.Delay(50);
        }

        await server.DisposeAsync();
        throw new InvalidOperationException("sshd did not start");
    }

    /// <summary>Makes another key pair; its public line is returned.</summary>
    public static async Task<string> MakeKeyAsync(TemporaryDirectory directory, string name)
    {
        await new KeyGenerator("ssh-keygen").MakeAsync(directory[name], "test", CancellationToken.None);
        return File.ReadAllText(directory[name + ".pub"]).Trim();
    }

    /// <summary>Halts the server and its sessions, as a hung guest would.</summary>
    public void Freeze() => Signal(SignalStop);

    /// <summary>Lets them run again.</summary>
    public void Thaw() => Signal(SignalContinue);

    /// <summary>Ends the server and its sessions at once.</summary>
    public void Kill() => Signal(SignalKill);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private void Signal(int signal)
    {
        if (_process.HasExited) return;
        // The server last, so that it finds none of its own without a parent.
        foreach (var pid in Enumerable.Reverse(Descendants(_process.Id))) _ = SendSignal(pid, signal);
    }

    private static List<int> Descendants(int root)
    {
        List<int> found = [root];
        for (var i = 0; i < found.Count; i++)
            foreach (var task in TasksOf(found[i]))
                found.AddRange(File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
        return found;
    }

    private static string[] TasksOf(int pid)
    {
        try
        {
            return System.IO.Directory.GetDirectories($"/proc/{pid}/task");
        }
        catch (IOException)
        {
            return [];
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
