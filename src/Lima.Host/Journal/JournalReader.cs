using System.Text.Json;
using Lima.Actors.Persistence;
using Microsoft.Data.Sqlite;

namespace Lima.Host.Journal;

/// <summary>A row of the journal.</summary>
/// <param name="Sequence">Place in the order of all rows.</param>
/// <param name="PersistenceId">Whose event.</param>
/// <param name="Manifest">Kind.</param>
/// <param name="Json">The event.</param>
/// <param name="Number">Place among the events of its VM, from 1.</param>
internal sealed record JournalRow(long Sequence, string PersistenceId, string Manifest, JsonElement Json, long Number);

/// <summary>
/// Reads events in the order in which they were stored. Plain SQL instead of the query plugin, whose live queries poll:
/// a follower here is woken by the store of an event and then reads on from where it was.
/// </summary>
internal sealed class JournalReader(string path)
{
    /// <summary>Most rows of one answer.</summary>
    public const int PageMax = 500;

    private const string Columns = "ordering, persistence_id, manifest, message, sequence_number";

    /// <summary>Rows after a place, at most <see cref="PageMax"/>; of one VM when an id is given.</summary>
    public IReadOnlyList<JournalRow> After(long sequence, string? persistenceId = null)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM journal WHERE ordering > $after "
            + (persistenceId is null ? "AND persistence_id LIKE 'vm-%' " : "AND persistence_id = $id ")
            + $"AND identifier = {EventSerializer.Id} ORDER BY ordering LIMIT {PageMax}";
        command.Parameters.AddWithValue("$after", sequence);
        if (persistenceId is not null) command.Parameters.AddWithValue("$id", persistenceId);
        return Read(command);
    }

    /// <summary>Events of one VM after its own number, at most <see cref="PageMax"/>.</summary>
    public IReadOnlyList<JournalRow> OfVm(string persistenceId, long afterSequenceNr)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM journal WHERE persistence_id = $id AND sequence_number > $after "
            + $"AND identifier = {EventSerializer.Id} ORDER BY ordering LIMIT {PageMax}";
        command.Parameters.AddWithValue("$id", persistenceId);
        command.Parameters.AddWithValue("$after", afterSequenceNr);
        return Read(command);
    }

    /// <summary>The name that a VM was first known by; null when nothing is stored of it.</summary>
    public string? FirstName(string persistenceId)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM journal WHERE persistence_id = $id AND manifest = 'vm.created.v1' LIMIT 1";
        command.Parameters.AddWithValue("$id", persistenceId);
        var rows = Read(command);
        return rows.Count == 0 ? null : rows[0].Json.GetProperty("name").GetString();
    }

    /// <summary>Ids of the VMs that ever bore a name, newest last, at most <see cref="PageMax"/>; also those that are deleted.</summary>
    public IReadOnlyList<string> IdsOf(string name)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT persistence_id FROM journal WHERE manifest IN ('vm.created.v1', 'vm.renamed.v1') "
            + $"AND json_extract(CAST(message AS TEXT), '$.name') = $name GROUP BY persistence_id ORDER BY MAX(ordering) DESC LIMIT {PageMax}";
        command.Parameters.AddWithValue("$name", name);
        var ids = new List<string>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) ids.Add(reader.GetString(0));
        ids.Reverse();
        return ids;
    }

    /// <summary>How many events a VM has; 0 for one that has none.</summary>
    public long LastOf(string persistenceId)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COALESCE(MAX(sequence_number), 0) FROM journal WHERE persistence_id = $id";
        command.Parameters.AddWithValue("$id", persistenceId);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The newest place; 0 for an empty journal.</summary>
    public long Newest()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COALESCE(MAX(ordering), 0) FROM journal";
        return (long)command.ExecuteScalar()!;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(SqliteJournal.ConnectionString(path, SqliteOpenMode.ReadOnly));
        connection.Open();
        return connection;
    }

    private static List<JournalRow> Read(SqliteCommand command)
    {
        var rows = new List<JournalRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(new JournalRow(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), JsonDocument.Parse((byte[])reader[3]).RootElement, reader.GetInt64(4)));
        }

        return rows;
    }
}
