using System.ComponentModel;
using System.Diagnostics;
using Lima.GuestAgent.Agent;

namespace Lima.GuestAgent.Names;

/// <summary>
/// Questions about names go to the host, by rules that a boot script has made. While there is no host nobody would answer; so they are
/// taken away then, and the network's own name server answers. The script that makes and takes them is asked only when something changes.
/// </summary>
/// <param name="loop">Where it lives.</param>
/// <param name="script">The script, which need not be there; beside it lies a file while the rules are taken away.</param>
/// <param name="grace">How long a host may be away.</param>
internal sealed class NameSwitch(EventLoop loop, string script = NameSwitch.Usual, TimeSpan? grace = null)
{
    /// <summary>What the boot script writes.</summary>
    public const string Usual = "/run/lima/host-names";

    // A host that is exchanged for another one is back sooner, as a rule.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2), Limit = TimeSpan.FromSeconds(30);

    private Deadline? _leaving;
    private bool _isOn = true, _wanted = true;
    private volatile bool _isRunning;

    /// <summary>Whether the script is being run.</summary>
    public bool IsRunning => _isRunning;

    /// <summary>A host has begun a session, or it has ended.</summary>
    public void HostIs(bool here)
    {
        _leaving?.CallOff();
        _leaving = null;
        // Another agent may have taken them away before this one was started.
        if (here) Want(on: true, even: File.Exists(script + ".off"));
        else _leaving = loop.After(grace ?? Grace, () => Want(on: false, even: false));
    }

    private void Want(bool on, bool even)
    {
        _wanted = on;
        if (even) _isOn = !on;
        if (_isRunning || _isOn == _wanted || !File.Exists(script)) return;
        _isRunning = true;
        _ = RunAsync(on).ContinueWith(_ => loop.Post(() => Done(on)), TaskScheduler.Default);
    }

    // Whatever came of it: what fails once fails again, and the next change is another attempt.
    private void Done(bool on)
    {
        _isOn = on;
        _isRunning = false;
        Want(_wanted, even: false);
    }

    private async Task RunAsync(bool on)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var process = new Process { StartInfo = new ProcessStartInfo("/bin/sh", [script, on ? "on" : "off"]) };
        try
        {
            process.Start();
            await process.WaitForExitAsync(limit.Token);
            Log.Say(process.ExitCode != 0 ? $"{script} has failed" : on ? "the host looks up names" : "there is no host to look up names; the network's own server does");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            Log.Say($"{script} cannot be run: {failure.Message}");
        }
    }
}
