using System.Globalization;
using System.Runtime.InteropServices;
using Lima.Domain.Agent;
using Lima.GuestAgent.Listeners;
using Lima.GuestAgent.Names;
using Lima.GuestAgent.Native;
using Lima.GuestAgent.Services;
using Lima.GuestAgent.Tunnels;

namespace Lima.GuestAgent.Agent;

/// <summary><c>lima-guestagent daemon</c>.</summary>
internal static class DaemonCommand
{
    private const string Progress = "/run/lima/progress";
    private const int Used = 2, Failed = 1;
    // For the host to hear that it ends; the guest does not wait longer for that.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until SIGTERM or SIGINT; the exit code.</summary>
    public static int Run(ReadOnlySpan<string> words, TextWriter output, TextWriter errors)
    {
        if (words is ["--help"] or ["-h"])
        {
            output.WriteLine(DaemonOptions.Help);
            return 0;
        }

        if (DaemonOptions.Parse(words) is not { } options)
        {
            errors.WriteLine(DaemonOptions.Help);
            return Used;
        }

        if (Libc.EffectiveUser() != 0 && !options.IsUnprivileged)
        {
            errors.WriteLine("lima-guestagent daemon is for root alone: what it does for the host no other user of the guest may do");
            return Failed;
        }

        return Serve(options, errors);
    }

    private static int Serve(DaemonOptions options, TextWriter errors)
    {
        Libc.AllowDescriptors(TunnelTable.StreamsMax * 2);
        using var loop = new EventLoop();
        using var port = AgentPort.Of(loop, options.Port);
        var user = GuestUser.Of(Environment.GetEnvironmentVariable("LIMA_CIDATA_UID"), Libc.EffectiveUser(), Lines("/etc/passwd"));
        var session = new AgentSession(loop, port, new MachineState(canSetTime: !options.IsUnprivileged), user);
        if (!options.IsUnprivileged) session.HostChanged = new NameSwitch(loop).HostIs;
        try
        {
            port.Start();
            // A host that is in a session with an agent before this one sees in its place that another has begun, and begins anew.
            _ = port.Write(AgentProtocol.SyncWord);
        }
        catch (IOException failure)
        {
            errors.WriteLine($"lima-guestagent daemon cannot serve its port: {failure.Message}");
            return Failed;
        }

        using var listeners = new ListenerWatch(all => loop.Post(() => session.TellListeners(all)), options.IsUnprivileged ? "" : KernelTrace.Root);
        using var services = new ServiceWatch(loop, all => loop.Post(() => session.TellServices(all)));
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Ends(signal, loop, session));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Ends(signal, loop, session));
        listeners.Start();
        services.Start();
        Log.Say("has started");
        Report();
        loop.Run();
        session.End();
        return 0;
    }

    private static void Ends(PosixSignalContext signal, EventLoop loop, AgentSession session)
    {
        signal.Cancel = true;
        loop.Post(() =>
        {
            session.Leave();
            loop.After(LastWords, loop.Stop);
            StopWhenWritten(loop, session);
        });
    }

    private static void StopWhenWritten(EventLoop loop, AgentSession session) =>
        // Behind the writing, which is asked for in the same way.
        loop.Soon(() =>
        {
            if (session.IsWritten) loop.Stop();
        });

    /// <summary>The host hears of it by the port of the boot's progress, and need not wait for its next attempt.</summary>
    private static void Report()
    {
        if (!File.Exists(Progress)) return;
        var uptime = Lines("/proc/uptime").FirstOrDefault("0").Split(' ')[0];
        var pipe = Libc.Open(Progress, Libc.ReadWrite | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (pipe < 0) return;
        _ = Descriptors.Write(pipe, System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"LIMA1 {uptime} phase guest-agent\n")));
        _ = Libc.Close(pipe);
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
