using System.Text;
using Lima.Actors.Persistence;
using Lima.Host.Journal;
using Lima.Testing;
using Microsoft.Data.Sqlite;

namespace Lima.Host.Tests.Journal;

/// <summary>Reading events by pages.</summary>
public sealed class JournalReaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly JournalReader _reader;

    public JournalReaderTests()
    {
        new JournalFile(_directory["journal.db"], TimeProvider.System).Prepare(expected: false);
        Write("CREATE TABLE journal (ordering INTEGER PRIMARY KEY AUTOINCREMENT, persistence_id TEXT, sequence_number INTEGER, manifest TEXT, message BLOB, identifier INTEGER)");
        _reader = new JournalReader(_directory["journal.db"]);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    [Fact]
    public void An_empty_journal_has_nothing()
    {
        Assert.Empty(_reader.After(0));
        Assert.Empty(_reader.OfVm("vm-a", 0));
        Assert.Empty(_reader.IdsOf("a"));
        Assert.Null(_reader.FirstName("vm-a"));
        Assert.Equal((0, 0), (_reader.Newest(), _reader.LastOf("vm-a")));
    }

    [Fact]
    public void Pages_are_bounded_and_lead_through_everything_once()
    {
        for (var i = 1; i <= 1300; i++) Add(i % 2 == 0 ? "vm-a" : "vm-b", (i + 1) / 2, "vm.started.v1", "{\"at\":\"2026-03-01T12:00:00+00:00\"}");
        Add("catalog", 1, "catalog.registered.v1", "{}");
        var seen = new List<long>();
        for (var page = _reader.After(0); page.Count > 0; page = _reader.After(seen[^1]))
        {
            Assert.True(page.Count <= JournalReader.PageMax);
            seen.AddRange(page.Select(r => r.Sequence));
        }

        Assert.Equal(Enumerable.Range(1, 1300).Select(i => (long)i), seen);
        var own = new List<long>();
        for (var page = _reader.OfVm("vm-a", 0); page.Count > 0; page = _reader.OfVm("vm-a", own[^1])) own.AddRange(page.Select(r => r.Number));
        Assert.Equal(Enumerable.Range(1, 650).Select(i => (long)i), own);
        Assert.All(_reader.After(1200, "vm-b"), r => Assert.Equal("vm-b", r.PersistenceId));
        Assert.Equal((1301, 650), (_reader.Newest(), _reader.LastOf("vm-a")));
    }

    [Fact]
    public void Names_lead_to_all_that_bore_them_newest_last()
    {
        Add("vm-1", 1, "vm.created.v1", "{\"name\":\"web\"}");
        Add("vm-2", 1, "vm.created.v1", "{\"name\":\"db\"}");
        Add("vm-2", 2, "vm.renamed.v1", "{\"name\":\"web\"}");
        Add("vm-3", 1, "vm.created.v1", "{\"name\":\"webs\"}");
        Add("vm-1", 2, "vm.started.v1", "{\"name\":\"db\"}");
        Assert.Equal(["vm-1", "vm-2"], _reader.IdsOf("web"));
        Assert.Equal(["vm-2"], _reader.IdsOf("db"));
        Assert.Empty(_reader.IdsOf("' OR 1=1 --"));
        Assert.Equal("db", _reader.FirstName("vm-2"));
    }

    [Fact]
    public void Events_of_other_serializers_are_no_events()
    {
        Add("vm-1", 1, "something", "not json", identifier: 17);
        Add("vm-1", 2, "vm.started.v1", "{}");
        Assert.Equal(["vm.started.v1"], _reader.After(0).Select(r => r.Manifest));
    }

    private void Add(string id, long number, string manifest, string json, int identifier = EventSerializer.Id) => Write(
        "INSERT INTO journal (persistence_id, sequence_number, manifest, message, identifier) VALUES ($1, $2, $3, $4, $5)",
        id, number, manifest, Encoding.UTF8.GetBytes(json), identifier);

    private void Write(string sql, params object[] values)
    {
        using var connection = new SqliteConnection(SqliteJournal.ConnectionString(_directory["journal.db"]));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i]);
        command.ExecuteNonQuery();
    }
}
