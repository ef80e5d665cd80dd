using Akka.Configuration;
using Lima.Actors.Settings;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Settings;

/// <summary>The files in <c>config/hocon</c>, as they are shipped.</summary>
public sealed class HoconTests(ITestOutputHelper output)
{
    public static TheoryData<string> Keys =>
    [
        "stop-timeout", "heartbeat", "heartbeat-limit", "ssh-silence", "mount-look", "child-restarts", "child-restart-window", "backoff-min", "backoff-max",
        "ssh-retry-min", "ssh-retry-max", "progress-silence", "trim-on-stop", "trim-interval", "forward-by-qemu",
        "taken-host-port", "vm-loopback-address", "udp-idle", "passivate-after", "boots-at-once", "stash-capacity",
    ];

    [Fact]
    public void Every_setting_is_read_from_the_shipped_file()
    {
        var settings = LimaActorSettings.From(Read("lima.conf"));
        Assert.Equal(TimeSpan.FromMinutes(3), settings.StopTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Heartbeat);
        Assert.Equal(TimeSpan.FromSeconds(2), settings.HeartbeatLimit);
        Assert.Equal((TimeSpan.FromSeconds(75), TimeSpan.FromMinutes(1)), (settings.SshSilence, settings.MountLook));
        Assert.Equal(5, settings.ChildRestarts);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.ChildRestartWindow);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.BackoffMin);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.BackoffMax);
        Assert.Equal(TimeSpan.FromMilliseconds(100), settings.SshRetryMin);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.SshRetryMax);
        Assert.Equal(TimeSpan.FromSeconds(3), settings.ProgressSilence);
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromDays(7)), (settings.TrimOnStop, settings.TrimInterval));
        Assert.Equal((false, true), (settings.TakesNextHostPort, settings.VmLoopbackAddress));
        Assert.True(settings.ForwardByQemu);
        Assert.Equal(TimeSpan.FromSeconds(60), settings.PassivateAfter);
        Assert.Equal(0, settings.BootsAtOnce);
        Assert.Equal(1000, settings.StashCapacity);
        Assert.Empty(settings.FailPoints);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_missing_key_is_named(string key)
    {
        var lines = File.ReadAllLines(PathOf("lima.conf")).Where(l => !l.TrimStart().StartsWith(key + " ", StringComparison.Ordinal));
        var problem = Assert.Throws<ConfigurationException>(() => LimaActorSettings.From(ConfigurationFactory.ParseString(string.Join('\n', lines))));
        Assert.Contains($"`lima.{key}`", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("taken-host-port", "perhaps", "`error` or `next`")]
    [InlineData("vm-loopback-address", "1", "`off` or `on`")]
    public void A_word_that_is_none_is_named_with_those_there_are(string key, string word, string expected)
    {
        var config = ConfigurationFactory.ParseString($"lima.{key} = {word}").WithFallback(Read("lima.conf"));
        var problem = Assert.Throws<ConfigurationException>(() => LimaActorSettings.From(config));
        Assert.Contains($"`lima.{key}` must be {expected}, not `{word}`", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_block_is_named() =>
        Assert.Contains("`lima`", Assert.Throws<ConfigurationException>(() => LimaActorSettings.From(Config.Empty)).Message, StringComparison.Ordinal);

    [Fact]
    public void Fail_points_are_a_list() => Assert.Equal(
        ["before:LaunchQemu", "stored:Started"],
        LimaActorSettings.From(ConfigurationFactory.ParseString("lima.fail-points = [\"stored:Started\", \"before:LaunchQemu\"]").WithFallback(Read("lima.conf")))
            .FailPoints.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("akka.conf")]
    [InlineData("persistence.conf")]
    public void The_other_files_can_be_read(string file) => Assert.True(Read(file).HasPath("akka"));

    [Fact]
    public void The_scheduler_sleeps_until_something_is_due() =>
        Assert.Equal("Lima.Actors.Scheduling.TimerScheduler, Lima.Actors", Read("akka.conf").GetString("akka.scheduler.implementation"));

    private Config Read(string file) => ConfigurationFactory.ParseString(File.ReadAllText(PathOf(file)));

    private string PathOf(string file) =>
        Path.Combine(Need.DirectoryAbove(output, "config/hocon") ?? throw new DirectoryNotFoundException("config/hocon"), file);
}
