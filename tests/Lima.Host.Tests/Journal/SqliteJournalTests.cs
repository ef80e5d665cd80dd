using Lima.Host.Journal;
using Lima.Host.Tests.Support;
using Lima.Testing;
using LinqToDB.Data;
using Microsoft.Data.Sqlite;

namespace Lima.Host.Tests.Journal;

/// <summary>How the journal plugin opens its file.</summary>
public sealed class SqliteJournalTests
{
    [Fact]
    public void Every_connection_of_the_plugin_has_the_pragmas()
    {
        using var directory = new TemporaryDirectory();
        using var file = new JournalFile(directory["journal.db"], TimeProvider.System);
        file.Prepare(expected: false);
        var options = SqliteJournal.Options(directory["journal.db"]);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            using var connection = new DataConnection(options);
            Assert.Equal("wal", connection.Execute<string>("PRAGMA journal_mode"));
            // 2 is FULL: the log is on the disk before a commit is acknowledged.
            Assert.Equal(2, connection.Execute<int>("PRAGMA synchronous"));
            Assert.Equal(30_000, connection.Execute<int>("PRAGMA busy_timeout"));
        }

        SqliteConnection.ClearAllPools();
    }

    [Fact]
    public async Task The_plugin_creates_its_tables_and_stores_under_our_manifests_alone()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        using var connection = new SqliteConnection(SqliteJournal.ConnectionString(host.Home.JournalFile, SqliteOpenMode.ReadOnly));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT manifest FROM journal ORDER BY 1";
        var manifests = new List<string>();
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read()) manifests.Add(reader.GetString(0));
        }

        Assert.Equal(["catalog.registered.v1", "vm.created.v1"], manifests);
    }
}
