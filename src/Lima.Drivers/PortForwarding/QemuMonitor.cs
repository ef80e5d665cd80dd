using System.Text.Json;
using System.Text.Json.Nodes;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu.Qmp;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// One short talk with QEMU about its user network, over the control socket that is kept for such talks. Its limits are short: while
/// QEMU does not answer, forwards take another way.
/// </summary>
internal sealed class QemuMonitor : IAsyncDisposable
{
    private const int Backlog = 1024;
    private static readonly QmpOptions Options = new() { GreetingLimit = TimeSpan.FromSeconds(2), CommandLimit = TimeSpan.FromSeconds(2) };

    private readonly QmpClient _client;

    private QemuMonitor(QmpClient client) => _client = client;

    /// <summary>Begins.</summary>
    /// <exception cref="DriverException">QEMU does not answer (<see cref="IGuestPath.Down"/>).</exception>
    public static async Task<QemuMonitor> BeginAsync(InstanceDirectory directory, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            return new QemuMonitor(await QmpClient.ConnectAsync(directory.PlugSocket, Options, time, cancel));
        }
        catch (DriverException e)
        {
            throw Down(e.Message, e);
        }
    }

    /// <summary>What QEMU listens on; null when the guest has no network of QEMU's own.</summary>
    public async Task<IReadOnlyDictionary<QemuRule, int>?> RulesAsync(CancellationToken cancel) => QemuRule.All(await SayAsync("info usernet", cancel));

    /// <summary>Has QEMU listen; returns the rule as it is then, with its port.</summary>
    /// <exception cref="DriverException">It cannot (<see cref="IGuestPath.Down"/>).</exception>
    public async Task<QemuRule> AddAsync(QemuRule rule, CancellationToken cancel)
    {
        var before = rule.HostPort == 0 ? await RulesAsync(cancel) : null;
        if (await SayAsync(rule.Add, cancel) is { Length: > 0 } refusal) throw Down(refusal.Trim());
        var all = await RulesAsync(cancel) ?? throw Down("QEMU has no user network");
        var added = all.Keys.FirstOrDefault(r => r == rule || (before is not null && (r with { HostPort = 0 }) == rule && !before.ContainsKey(r)));
        if (added == default) throw Down($"QEMU does not list {rule}");
        if (Lengthen(all[added])) return added;
        await RemoveAsync(added, cancel);
        throw Down("the queue of connections that wait for QEMU cannot be made longer than one");
    }

    /// <summary>
    /// QEMU lets a single connection wait to be accepted; of several at once the others are lost for seconds, or for ever. The length
    /// of a queue can be changed by whoever has the descriptor, and the kernel gives it to those who could trace QEMU.
    /// </summary>
    /// <returns>False where the kernel does not.</returns>
    public bool Lengthen(int descriptor) => Native.Listen(_client.Pid, descriptor, Backlog);

    /// <summary>Has QEMU listen no more.</summary>
    public async Task RemoveAsync(QemuRule rule, CancellationToken cancel)
    {
        // One that is gone already is as good.
        if (await SayAsync(rule.Remove, cancel) is var answer && answer.Contains("removed", StringComparison.Ordinal)) return;
        if (!answer.Contains("not found", StringComparison.Ordinal)) throw Down(answer.Trim());
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<string> SayAsync(string line, CancellationToken cancel)
    {
        try
        {
            var answer = await _client.ExecuteAsync("human-monitor-command", new JsonObject { ["command-line"] = line }, null, cancel);
            return answer.ValueKind == JsonValueKind.String ? answer.GetString()! : "";
        }
        catch (DriverException e)
        {
            throw Down(e.Message, e);
        }
    }

    private static DriverException Down(string why, Exception? inner = null) =>
        new(IGuestPath.Down, "forwarding a port", $"QEMU does not forward it: {why}", "another way is taken", inner);
}
