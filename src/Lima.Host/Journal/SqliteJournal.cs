using System.Data.Common;
using Akka.Actor.Setup;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using LinqToDB.Data;
using Microsoft.Data.Sqlite;

namespace Lima.Host.Journal;

/// <summary>How the journal's SQLite file is opened: write-ahead log, every commit on the disk before it is acknowledged.</summary>
internal static class SqliteJournal
{
    private const string Pragmas = "PRAGMA busy_timeout=30000; PRAGMA synchronous=FULL;";

    /// <summary>Connection string of a file.</summary>
    public static string ConnectionString(string path, SqliteOpenMode mode = SqliteOpenMode.ReadWriteCreate) => new SqliteConnectionStringBuilder
    {
        DataSource = path, Mode = mode, Cache = SqliteCacheMode.Private, Pooling = true, DefaultTimeout = 30,
    }.ToString();

    /// <summary>Gives the journal plugin <see cref="Options"/>.</summary>
    public static Setup Setup(string path) => new DataOptionsSetup(Options(path));

    /// <summary>Applies the pragmas to every connection that is opened.</summary>
    public static DataOptions Options(string path) => new DataOptions()
        .UseConnectionString(ProviderName.SQLiteMS, ConnectionString(path))
        .UseAfterConnectionOpened(Apply, (connection, _) =>
        {
            Apply(connection);
            return Task.CompletedTask;
        });

    private static void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }
}
