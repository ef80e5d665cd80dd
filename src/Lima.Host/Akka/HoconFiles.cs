using Akka.Configuration;
using Akka.Persistence.Sql;
using Lima.Host.Journal;
using Lima.Host.Options;

namespace Lima.Host.Akka;

/// <summary>Puts the configuration together: policy from the files, paths from the options, which win.</summary>
internal static class HoconFiles
{
    private static readonly string[] Names = ["lima.conf", "akka.conf", "persistence.conf"];

    /// <summary>The whole configuration.</summary>
    /// <exception cref="HostOptionsException">A file is missing or cannot be parsed.</exception>
    public static Config Load(LimaHostOptions options)
    {
        var config = Parse(options.ExtraHocon, "LIMA_HOCON").WithFallback(Paths(options));
        foreach (var name in Names)
        {
            var path = Path.Combine(options.HoconDirectory, name);
            if (!File.Exists(path)) throw new HostOptionsException($"{path} is missing; the installation is not complete");
            config = config.WithFallback(Parse(File.ReadAllText(path), path));
        }

        return config.WithFallback(SqlPersistence.DefaultConfiguration);
    }

    private static Config Paths(LimaHostOptions options)
    {
        var connection = SqliteJournal.ConnectionString(options.Home.JournalFile).Replace("\\", "\\\\").Replace("\"", "\\\"");
        return ConfigurationFactory.ParseString($$"""
            akka.persistence.journal.sql.connection-string = "{{connection}}"
            akka.persistence.snapshot-store.sql.connection-string = "{{connection}}"
            """);
    }

    private static Config Parse(string text, string source)
    {
        try
        {
            return text.Length == 0 ? Config.Empty : ConfigurationFactory.ParseString(text);
        }
        catch (Exception e)
        {
            throw new HostOptionsException($"{source} cannot be read: {e.Message}");
        }
    }
}
