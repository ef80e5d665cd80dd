using System.Text.Json;
using Lima.Actors.Persistence;
using Microsoft.Data.Sqlite;

namespace Lima.Host.Journal;

/// <summary>A row of the journal.</summary>
/// <param name="Sequence">Place in the order of all rows.</param>
/// <param name="PersistenceId">Whose event.</param>
/// <param name="Manifest">Kind.</param>
/// <param name="Json">The event.</param>
internal sealed record JournalRow(long Sequence, string PersistenceId, string Manifest, JsonElement Json);

/// <summary>
/// Reads events in the order in which they were stored. Plain SQL instead of the query plugin, whose live queries poll:
/// a follower here is woken by the store of an event and then reads on from where it was.
/// </summary>
internal sealed class JournalReader(string path)
{
    /// <summary>Most rows of one answer.</summary>
    public const int PageMax = 500;

    /// <summary>Rows after a place, at most <see cref="PageMax"/>; of one VM when an id is given.</summary>
    public IReadOnlyList<JournalRow> After(long sequence, string? persistenceId = null)
    {
        using var connection = new SqliteConnection(SqliteJournal.ConnectionString(path, SqliteOpenMode.ReadOnly));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT ordering, persistence_id, manifest, message FROM journal WHERE ordering > $after "
            + (persistenceId is null ? "AND persistence_id LIKE 'vm-%' " : "AND persistence_id = $id ")
            + $"AND identifier = {EventSerializer.Id} ORDER BY ordering LIMIT {PageMax}";
        command.Parameters.AddWithValue("$after", sequence);
        if (persistenceId is not null) command.Parameters.AddWithValue("$id", persistenceId);
        var rows = new List<JournalRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(new JournalRow(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), JsonDocument.Parse((byte[])reader[3]).RootElement));
        }

        return rows;
    }

    /// <summary>The newest place; 0 for an empty journal.</summary>
    public long Newest()
    {
        using var connection = new SqliteConnection(SqliteJournal.ConnectionString(path, SqliteOpenMode.ReadOnly));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COALESCE(MAX(ordering), 0) FROM journal";
        return (long)command.ExecuteScalar()!;
    }
}
