using Akka.Configuration;
using Lima.Host.Akka;
using Lima.Host.Journal;
using Lima.Host.Options;
using Lima.Host.Specs;
using Lima.Testing;

namespace Lima.Host.Tests;

/// <summary>The HOCON that is shipped, what goes over it, and the facts of the machine.</summary>
public sealed class ConfigurationTests
{
    private static LimaHostOptions Options(string hocon = "", string? directory = null) => new()
    {
        Home = new("/srv/with \"quotes\" and \\"), ShareDirectory = "/srv", ExtraHocon = hocon,
        HoconDirectory = directory ?? Path.Combine(AppContext.BaseDirectory, "config", "hocon"),
    };

    [Fact]
    public void The_effective_values_are_those_of_the_files()
    {
        var config = HoconFiles.Load(Options());
        Assert.Equal("akka.persistence.journal.sql", config.GetString("akka.persistence.journal.plugin"));
        Assert.Equal("akka.persistence.snapshot-store.sql", config.GetString("akka.persistence.snapshot-store.plugin"));
        Assert.Equal("Csv", config.GetString("akka.persistence.journal.sql.tag-write-mode"));
        Assert.Equal("SQLite.MS", config.GetString("akka.persistence.journal.sql.provider-name"));
        Assert.True(config.GetBoolean("akka.persistence.journal.sql.auto-initialize"));
        Assert.False(config.GetBoolean("akka.coordinated-shutdown.run-by-clr-shutdown-hook"));
        Assert.False(config.GetBoolean("akka.coordinated-shutdown.exit-clr"));
        Assert.Equal(TimeSpan.FromSeconds(20), config.GetTimeSpan("akka.persistence.journal.sql.circuit-breaker.call-timeout"));
        Assert.Equal(TimeSpan.FromMinutes(3), HoconFiles.Settings(config).StopTimeout);
        // Paths come from the options, whatever stands in them.
        var connection = config.GetString("akka.persistence.journal.sql.connection-string");
        Assert.Equal(SqliteJournal.ConnectionString(Options().Home.JournalFile), connection);
        Assert.Equal(connection, config.GetString("akka.persistence.snapshot-store.sql.connection-string"));
    }

    [Fact]
    public void What_is_added_wins()
    {
        var settings = HoconFiles.Settings(HoconFiles.Load(Options("lima.stop-timeout=20s, lima.fail-points=[\"stored:Started\"]")));
        Assert.Equal(TimeSpan.FromSeconds(20), settings.StopTimeout);
        Assert.Equal(["stored:Started"], settings.FailPoints);
        Assert.Equal(5, settings.ChildRestarts);
    }

    [Theory]
    [InlineData("lima { stop-timeout = ")]
    [InlineData("[1, 2")]
    [InlineData("lima.stop-timeout = soon")]
    [InlineData("lima.boots-at-once = many")]
    public void What_cannot_be_used_is_told_with_its_source(string hocon) => Assert.Contains(
        "LIMA_HOCON", Assert.Throws<HostOptionsException>(() => HoconFiles.Settings(HoconFiles.Load(Options(hocon)))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_or_damaged_file_is_named()
    {
        using var directory = new TemporaryDirectory();
        Assert.Contains(directory["lima.conf"], Assert.Throws<HostOptionsException>(() => HoconFiles.Load(Options(directory: directory.Path))).Message, StringComparison.Ordinal);
        File.WriteAllText(directory["lima.conf"], "[1, 2");
        Assert.Contains(directory["lima.conf"], Assert.Throws<HostOptionsException>(() => HoconFiles.Load(Options(directory: directory.Path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_facts_are_those_of_this_machine()
    {
        var facts = MachineFacts.Gather();
        Assert.Contains(facts.Arch, new[] { "x86_64", "aarch64", "armv7l", "s390x", "ppc64le", "riscv64" });
        Assert.Equal(Environment.ProcessorCount, facts.Cpus);
        Assert.Equal(Environment.UserName, facts.UserName);
        Assert.True(Path.IsPathFullyQualified(facts.Home));
        Assert.DoesNotContain('\n', facts.Timezone);
        var total = long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
        Assert.InRange(facts.MemoryBytes, 64L << 20, total);
    }
}
