using Lima.Host.Journal;
using Lima.Host.Options;
using Lima.Testing;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace Lima.Host.Tests.Journal;

/// <summary>What becomes of a journal's file that is missing, damaged, or well, before and while a host runs.</summary>
public sealed class JournalFileTests(ITestOutputHelper output) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TemporaryDirectory _directory = new();

    private string Path => _directory["journal.db"];

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_missing_one_is_begun_and_only_told_of_where_there_ought_to_be_one(bool expected)
    {
        using var journal = new JournalFile(Path, TimeProvider.System);
        var notice = journal.Prepare(expected);
        Assert.Equal(expected, notice is not null);
        if (expected) Assert.Contains($"{Path} was missing", notice, StringComparison.Ordinal);
        Assert.Equal("wal", Ask("PRAGMA journal_mode"));
        Assert.Null(journal.Damage());
    }

    [Fact]
    public void A_healthy_one_stays_as_it_is()
    {
        Fill();
        using var journal = new JournalFile(Path, TimeProvider.System);
        Assert.Null(journal.Prepare(expected: true));
        Assert.Equal("1000", Ask("SELECT COUNT(*) FROM t"));
        Assert.Empty(Quarantined());
    }

    [Fact]
    public void What_a_killed_host_left_in_the_log_is_still_there()
    {
        Fill();
        // A copy of the files under an open connection is what a kill leaves.
        using var open = new SqliteConnection(SqliteJournal.ConnectionString(Path));
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText = "PRAGMA wal_autocheckpoint=0; INSERT INTO t VALUES ('late')";
        command.ExecuteNonQuery();
        var copy = Directory.CreateDirectory(_directory["copy"]).FullName;
        File.Copy(Path, System.IO.Path.Combine(copy, "journal.db"));
        File.Copy(Path + "-wal", System.IO.Path.Combine(copy, "journal.db-wal"));
        var path = System.IO.Path.Combine(copy, "journal.db");
        using var journal = new JournalFile(path, TimeProvider.System);
        Assert.Null(journal.Prepare(expected: true));
        Assert.Equal("1001", Ask("SELECT COUNT(*) FROM t", path));
    }

    [Theory]
    [InlineData("empty", "it is empty")]
    [InlineData("short", "it is no SQLite file")]
    [InlineData("garbage", "it is no SQLite file")]
    [InlineData("cut", "")]
    [InlineData("middle", "")]
    public void A_damaged_one_is_put_aside_whole_and_a_new_one_begun(string kind, string reason)
    {
        Fill();
        Damage(kind);
        var before = File.ReadAllBytes(Path);
        File.WriteAllText(Path + "-wal", "left over");
        File.WriteAllText(Path + "-shm", "left over");
        using var journal = new JournalFile(Path, new FixedTime());
        var notice = journal.Prepare(expected: true);
        Assert.Contains($"was damaged ({reason}", notice, StringComparison.Ordinal);
        var kept = Path + ".damaged-20260301-120000";
        Assert.Contains(kept, notice, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(kept));
        Assert.Equal(Private, File.GetUnixFileMode(kept));
        // SQLite's own look at the file may have read the log away before it was given up.
        Assert.Equal("0", Ask("SELECT COUNT(*) FROM sqlite_master"));
        Assert.Null(journal.Damage());
    }

    [Fact]
    public void Several_damaged_ones_of_one_second_keep_apart()
    {
        for (var i = 0; i < 3; i++)
        {
            SqliteConnection.ClearAllPools();
            File.WriteAllText(Path, $"garbage {i}");
            using var journal = new JournalFile(Path, new FixedTime());
            Assert.NotNull(journal.Prepare(expected: true));
        }

        Assert.Equal(["garbage 0", "garbage 1", "garbage 2"], Quarantined().Where(f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal)).Select(File.ReadAllText).Order());
    }

    [Fact]
    public void An_empty_one_where_nothing_is_expected_is_no_damage()
    {
        File.WriteAllText(Path, "");
        using var journal = new JournalFile(Path, TimeProvider.System);
        Assert.Null(journal.Prepare(expected: false));
        Assert.Empty(Quarantined());
        Assert.Equal("wal", Ask("PRAGMA journal_mode"));
    }

    [Fact]
    public void The_log_of_a_missing_journal_is_not_taken_for_the_new_ones()
    {
        File.WriteAllText(Path + "-wal", "old");
        using var journal = new JournalFile(Path, TimeProvider.System);
        Assert.NotNull(journal.Prepare(expected: true));
        Assert.Equal("old", File.ReadAllText(Assert.Single(Quarantined())));
        Assert.Equal("ok", Ask("PRAGMA quick_check"));
    }

    [Fact]
    public void All_its_files_are_private()
    {
        Fill();
        File.SetUnixFileMode(Path, Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using var journal = new JournalFile(Path, TimeProvider.System);
        journal.Prepare(expected: true);
        using var open = new SqliteConnection(SqliteJournal.ConnectionString(Path));
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText = "INSERT INTO t VALUES ('x')";
        command.ExecuteNonQuery();
        foreach (var suffix in new[] { "", "-wal", "-shm" }) Assert.Equal(Private, File.GetUnixFileMode(Path + suffix));
    }

    [Fact]
    public void A_place_where_no_file_can_be_is_told_in_one_sentence()
    {
        Directory.CreateDirectory(Path);
        using var journal = new JournalFile(Path, TimeProvider.System);
        Assert.Contains(Path, Assert.Throws<HostOptionsException>(() => journal.Prepare(expected: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("removed", "it was removed")]
    [InlineData("replaced", "it was replaced")]
    [InlineData("empty", "it is empty")]
    [InlineData("cut", null)]
    [InlineData("garbage", "it is no SQLite file")]
    public void Under_a_running_host_harm_is_seen_at_once(string kind, string? problem)
    {
        Fill();
        using var journal = new JournalFile(Path, TimeProvider.System);
        journal.Prepare(expected: true);
        Assert.Null(journal.QuickLook());
        journal.Opened();
        Assert.Null(journal.QuickLook());
        switch (kind)
        {
            case "removed":
                File.Delete(Path);
                break;
            case "replaced":
                File.Copy(Path, Path + ".new");
                File.Move(Path + ".new", Path, overwrite: true);
                break;
            default:
                Damage(kind);
                break;
        }

        Assert.NotNull(journal.QuickLook());
        // What is cut off is told in SQLite's own words.
        if (problem is not null) Assert.Equal(problem, journal.QuickLook());
    }

    /// <summary>Closing any descriptor of a file drops the locks of the whole process on it, so a look must close none.</summary>
    [Fact]
    public async Task Looking_leaves_SQLites_locks_alone()
    {
        if (!Need.Programs(output, "python3")) return;
        Fill();
        using var journal = new JournalFile(Path, TimeProvider.System);
        journal.Prepare(expected: true);
        using var open = new SqliteConnection(SqliteJournal.ConnectionString(Path));
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText = "INSERT INTO t VALUES ('mine')";
        command.ExecuteNonQuery();
        journal.Opened();
        for (var i = 0; i < 3; i++) Assert.Null(journal.QuickLook());
        Assert.Null(journal.Damage());

        // Another program that opens and leaves the file would take the log with it if it thought that it was alone.
        var other = System.Diagnostics.Process.Start("python3", ["-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('select count(*) from t').fetchall(); c.close()", Path]);
        await other.WaitForExitAsync();
        Assert.Equal(0, other.ExitCode);
        Assert.True(File.Exists(Path + "-wal"));
        command.CommandText = "INSERT INTO t VALUES ('after')";
        command.ExecuteNonQuery();
        var reader = System.Diagnostics.Process.Start("python3", ["-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); sys.exit(0 if c.execute(\"select count(*) from t where x='after'\").fetchone()[0]==1 else 1)", Path]);
        await reader.WaitForExitAsync();
        Assert.Equal(0, reader.ExitCode);
    }

    private void Fill()
    {
        using var journal = new JournalFile(Path, TimeProvider.System);
        journal.Prepare(expected: false);
        using (var open = new SqliteConnection(SqliteJournal.ConnectionString(Path) + ";Pooling=False"))
        {
            open.Open();
            using var command = open.CreateCommand();
            command.CommandText = """
                CREATE TABLE t (x TEXT);
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT printf('%0200d', i) FROM n;
                PRAGMA wal_checkpoint(TRUNCATE);
                """;
            command.ExecuteNonQuery();
        }

        SqliteConnection.ClearAllPools();
    }

    private void Damage(string kind)
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        switch (kind)
        {
            case "empty":
                file.SetLength(0);
                break;
            case "short":
                file.SetLength(5);
                break;
            case "cut":
                file.SetLength(file.Length / 2);
                break;
            case "garbage":
                file.Write(new byte[5000]);
                break;
            case "middle":
                file.Position = 4096 * 3;
                file.Write(Enumerable.Repeat((byte)0xa5, 20_000).ToArray());
                break;
        }
    }

    private string Ask(string sql, string? path = null)
    {
        using var connection = new SqliteConnection(SqliteJournal.ConnectionString(path ?? Path));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!.ToString()!;
    }

    private string[] Quarantined() => Directory.GetFiles(_directory.Path, "*.damaged-*");

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    }
}
