using System.ComponentModel;
using System.Diagnostics;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Listeners;

namespace Lima.GuestAgent.Services;

/// <summary>
/// Follows the services of a Kubernetes cluster in this guest by <c>kubectl</c>, which runs only where there is one and a cluster is
/// configured. Both are looked for once a minute: they come with the installation of a cluster, which takes longer.
/// </summary>
/// <param name="loop">What wakes it for that, so that no other thread is there as long as there is no cluster.</param>
/// <param name="changed">Told the ports when they have changed; on any thread, one at a time.</param>
/// <param name="configurations">Where a cluster's configuration may be, in the order of preference; null for the usual places.</param>
/// <param name="programs">The folders that <c>kubectl</c> is looked for in; null for those of <c>PATH</c>.</param>
internal sealed class ServiceWatch(EventLoop loop, Action<ListeningSet> changed, string[]? configurations = null, string? programs = null) : IDisposable
{
    private const int LineMax = 1 << 20;

    private static readonly string[] Usual = ["/etc/rancher/k3s/k3s.yaml", "/root/.kube/config.localhost", "/root/.kube/config"];
    private static readonly TimeSpan
        Interval = TimeSpan.FromMinutes(1), FirstPause = TimeSpan.FromSeconds(10), LongestPause = TimeSpan.FromMinutes(5),
        // Within which a new kubectl has told all services that there are.
        Round = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ServiceTable _table = new();
    private ListeningSet _told = ListeningSet.Empty;

    /// <summary>Begins; on the loop's thread, or before it runs.</summary>
    public void Start()
    {
        if (_stop.IsCancellationRequested) return;
        if (FindProgram("kubectl") is { } kubectl && Array.Find(configurations ?? Usual, File.Exists) is { } configuration)
            _ = FollowAsync(kubectl, configuration);
        else loop.After(Interval, Start);
    }

    public void Dispose() => _stop.Cancel();

    private async Task FollowAsync(string kubectl, string configuration)
    {
        var pause = FirstPause;
        try
        {
            while (File.Exists(configuration))
            {
                var hasTold = await RunAsync(kubectl, configuration);
                // A watch that ends after a while is begun anew; one that never says anything has no cluster (any more).
                if (!hasTold) _table.Clear();
                Tell();
                await Task.Delay(pause, _stop.Token);
                pause = hasTold ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException)
        {
            return; // The agent ends.
        }

        _table.Clear();
        Tell();
        loop.Post(Start);
    }

    /// <summary>Until it ends; whether it has told anything.</summary>
    private async Task<bool> RunAsync(string kubectl, string configuration)
    {
        var start = new ProcessStartInfo(kubectl, ["get", "service", "--all-namespaces", "--watch", "--output-watch-events", "--output", "json"])
        {
            RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true,
            Environment = { ["KUBECONFIG"] = configuration },
        };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            return false;
        }

        try
        {
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            return await ReadAsync(process.StandardOutput.BaseStream);
        }
        catch (IOException)
        {
            return false;
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private async Task<bool> ReadAsync(Stream events)
    {
        var reader = new LineReader(events, LineMax);
        var hasTold = false;
        _table.BeginRound();
        var next = reader.NextAsync(_stop.Token).AsTask();
        var roundEnds = Task.Delay(Round, _stop.Token);
        while (true)
        {
            if (!roundEnds.IsCompleted && await Task.WhenAny(next, roundEnds) == roundEnds)
            {
                if (hasTold) _table.EndRound();
                Tell();
                continue;
            }

            if (await next is not { } line) return hasTold;
            hasTold = true;
            _table.Apply(line);
            next = reader.NextAsync(_stop.Token).AsTask();
            // Many at once, at the beginning, are told together.
            if (!next.IsCompleted) Tell();
        }
    }

    private void Tell()
    {
        var ports = _table.Ports;
        if (ports.Equals(_told)) return;
        _told = ports;
        changed(ports);
    }

    private string? FindProgram(string name) =>
        (programs ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
