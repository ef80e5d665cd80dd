using Akka.Configuration;
using Akka.Persistence.Sql;
using Lima.Actors.Settings;
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
            config = config.WithFallback(Parse(Text(path), path));
        }

        return config.WithFallback(SqlPersistence.DefaultConfiguration);
    }

    /// <summary>The policy of the actors.</summary>
    /// <exception cref="HostOptionsException">A value is missing or not of its type.</exception>
    public static LimaActorSettings Settings(Config config)
    {
        try
        {
            return LimaActorSettings.From(config);
        }
        catch (Exception e) when (e is ConfigurationException or FormatException or OverflowException or InvalidCastException or ArgumentException)
        {
            throw new HostOptionsException($"the configuration (config/hocon/lima.conf and LIMA_HOCON) cannot be used: {e.Message}");
        }
    }

    private static Config Paths(LimaHostOptions options)
    {
        var connection = SqliteJournal.ConnectionString(options.Home.JournalFile).Replace("\\", "\\\\").Replace("\"", "\\\"");
        return ConfigurationFactory.ParseString($$"""
            akka.persistence.journal.sql.connection-string = "{{connection}}"
            akka.persistence.snapshot-store.sql.connection-string = "{{connection}}"
            """);
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostOptionsException($"{path} cannot be read: {e.Message}");
        }
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
