using System.Collections.Immutable;
using Akka.Configuration;

namespace Lima.Actors.Settings;

/// <summary>The policy in <c>config/hocon/lima.conf</c>, read once. Every key must be there.</summary>
public sealed record LimaActorSettings
{
    /// <summary>Time that a guest gets for an orderly shutdown before QEMU is ended.</summary>
    public required TimeSpan StopTimeout { get; init; }
    /// <summary>How often living VMs are asked whether they answer. One timer serves all.</summary>
    public required TimeSpan Heartbeat { get; init; }
    /// <summary>How long one such question may take.</summary>
    public required TimeSpan HeartbeatLimit { get; init; }
    /// <summary>How long an SSH session may have said nothing before a heartbeat asks whether it is alive.</summary>
    public required TimeSpan SshSilence { get; init; }
    /// <summary>How often mounts are looked at in a guest while nothing is known to have happened to them.</summary>
    public required TimeSpan MountLook { get; init; }
    /// <summary>Restarts of a child within <see cref="ChildRestartWindow"/> before it is given up.</summary>
    public required int ChildRestarts { get; init; }
    /// <summary>The window for <see cref="ChildRestarts"/>.</summary>
    public required TimeSpan ChildRestartWindow { get; init; }
    /// <summary>Wait before a child that was given up, or a VM whose journal failed, is tried again; doubled each time.</summary>
    public required TimeSpan BackoffMin { get; init; }
    /// <summary>Longest such wait.</summary>
    public required TimeSpan BackoffMax { get; init; }
    /// <summary>Pause between two attempts to reach a guest by SSH, at first.</summary>
    public required TimeSpan SshRetryMin { get; init; }
    /// <summary>Longest such pause.</summary>
    public required TimeSpan SshRetryMax { get; init; }
    /// <summary>How long the guest may be silent on its progress port before it is tried by SSH.</summary>
    public required TimeSpan ProgressSilence { get; init; }
    /// <summary>Time that a guest gets for giving back free space before its power button is pressed; zero for none.</summary>
    public required TimeSpan TrimOnStop { get; init; }
    /// <summary>How often a guest that runs gives back free space; zero for never.</summary>
    public required TimeSpan TrimInterval { get; init; }
    /// <summary>Where a forward's port of the host is taken, the next free one is used; otherwise that is an error.</summary>
    public required bool TakesNextHostPort { get; init; }
    /// <summary>Whether each VM has an address of its own on the host's loopback.</summary>
    public required bool VmLoopbackAddress { get; init; }
    /// <summary>Whether QEMU itself forwards what it can.</summary>
    public required bool ForwardByQemu { get; init; }
    /// <summary>After how long without a datagram the flow of a client of a forwarded UDP port is forgotten.</summary>
    public required TimeSpan UdpIdle { get; init; }
    /// <summary>How long a stopped VM's actor stays in memory.</summary>
    public required TimeSpan PassivateAfter { get; init; }
    /// <summary>How many VMs may boot at once; 0 for one more than there are processors.</summary>
    public required int BootsAtOnce { get; init; }
    /// <summary>Messages that a VM holds back while its journal is slow.</summary>
    public required int StashCapacity { get; init; }
    /// <summary>Points at which the host ends itself, for tests of its recovery; empty in use.</summary>
    public required ImmutableHashSet<string> FailPoints { get; init; }

    /// <summary>Reads the <c>lima</c> block.</summary>
    /// <exception cref="ConfigurationException">A key is missing or not of its type; the message names it.</exception>
    public static LimaActorSettings From(Config root)
    {
        var lima = root.GetConfig("lima") ?? throw new ConfigurationException("lima.conf: the block `lima` is missing");
        return new LimaActorSettings
        {
            StopTimeout = Time(lima, "stop-timeout"),
            Heartbeat = Time(lima, "heartbeat"),
            HeartbeatLimit = Time(lima, "heartbeat-limit"),
            SshSilence = Time(lima, "ssh-silence"),
            MountLook = Time(lima, "mount-look"),
            ChildRestarts = Number(lima, "child-restarts"),
            ChildRestartWindow = Time(lima, "child-restart-window"),
            BackoffMin = Time(lima, "backoff-min"),
            BackoffMax = Time(lima, "backoff-max"),
            SshRetryMin = Time(lima, "ssh-retry-min"),
            SshRetryMax = Time(lima, "ssh-retry-max"),
            ProgressSilence = Time(lima, "progress-silence"),
            TrimOnStop = Time(lima, "trim-on-stop"),
            TrimInterval = Time(lima, "trim-interval"),
            TakesNextHostPort = Choice(lima, "taken-host-port", "error", "next") == "next",
            VmLoopbackAddress = Choice(lima, "vm-loopback-address", "off", "on") == "on",
            ForwardByQemu = Choice(lima, "forward-by-qemu", "off", "on") == "on",
            UdpIdle = Time(lima, "udp-idle"),
            PassivateAfter = Time(lima, "passivate-after"),
            BootsAtOnce = Number(lima, "boots-at-once"),
            StashCapacity = Number(lima, "stash-capacity"),
            FailPoints = [.. lima.GetStringList("fail-points") ?? []],
        };
    }

    private static TimeSpan Time(Config lima, string key) => lima.HasPath(key)
        ? lima.GetTimeSpan(key)
        : throw new ConfigurationException($"lima.conf: `lima.{key}` is missing");

    private static string Choice(Config lima, string key, params string[] words)
    {
        var word = lima.HasPath(key) ? lima.GetString(key) : throw new ConfigurationException($"lima.conf: `lima.{key}` is missing");
        return words.Contains(word) ? word : throw new ConfigurationException($"lima.conf: `lima.{key}` must be `{string.Join("` or `", words)}`, not `{word}`");
    }

    private static int Number(Config lima, string key) => lima.HasPath(key)
        ? lima.GetInt(key)
        : throw new ConfigurationException($"lima.conf: `lima.{key}` is missing");
}
