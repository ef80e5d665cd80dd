using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lima.Cli.Shell;

namespace Lima.Cli.Tests.Support;

/// <summary>
/// Instances whose guest is a directory of this machine: a program called <c>ssh</c> runs what it is given there, as a login
/// would. What is copied is copied for real.
/// </summary>
public sealed class LocalGuest : IDisposable
{
    private readonly TcpListener _port = new(IPAddress.Loopback, 0);
    private readonly CliRun _cli;

    public LocalGuest(CliRun cli)
    {
        _cli = cli;
        _port.Start();
        Bin = Directory.CreateDirectory(Path.Combine(cli.Path, "programs")).FullName;
        Directory.CreateDirectory(Home);
        cli.Environment["PATH"] = $"{Bin}:/usr/bin:/bin";
        Program("ssh", $$"""
            printf '%s\n' "$*" >> '{{Log}}'
            while [ $# -gt 0 ]; do case $1 in -O) exit 0 ;; -F|-o|-p) shift 2 ;; -*) shift ;; *) break ;; esac; done
            shift
            [ "$1" != -- ] || shift
            cd '{{Home}}'
            HOME='{{Home}}' SHELL=/bin/sh exec sh -c "$*"
            """);
    }

    /// <summary>The home of the guest's user.</summary>
    public string Home => Path.Combine(_cli.Path, "guest");

    /// <summary>Directory of programs that come first in PATH.</summary>
    public string Bin { get; }

    /// <summary>What the guest was asked to do, a line each.</summary>
    public string Log => Path.Combine(_cli.Path, "ssh.log");

    /// <summary>Makes an instance that answers; its directory.</summary>
    public string Instance(string name, string yaml = "mounts: []\n")
    {
        var directory = Directory.CreateDirectory(Path.Combine(_cli.Home, name)).FullName;
        File.WriteAllText(Path.Combine(directory, "ssh.config"), $"Host lima-{name}\n  Hostname 127.0.0.1\n  Port {((IPEndPoint)_port.LocalEndpoint).Port}\n");
        File.WriteAllText(Path.Combine(directory, "lima.yaml"), yaml);
        return directory;
    }

    /// <summary>Puts a shell script into PATH.</summary>
    public string Program(string name, string script)
    {
        var file = Path.Combine(Bin, name);
        File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    /// <summary>Runs a program that the command line wanted to become; its exit status and everything it said.</summary>
    public async Task<(int Exit, string Text)> BecomeAsync(ExecRequest request)
    {
        var start = new ProcessStartInfo(request.Program, request.Arguments.Skip(1))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _cli.WorkingDirectory,
        };
        start.Environment["PATH"] = _cli.Environment["PATH"];
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, await output + error);
    }

    /// <summary>Every file and directory below a path, relative to it.</summary>
    public static string[] Tree(string path) =>
        [.. Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Select(entry => Path.GetRelativePath(path, entry)).Order(StringComparer.Ordinal)];

    public void Dispose() => _port.Dispose();
}
