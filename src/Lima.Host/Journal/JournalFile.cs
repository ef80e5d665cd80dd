using System.Buffers.Binary;
using Lima.Host.Options;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Lima.Host.Journal;

/// <summary>
/// Looks after the journal's file. It is never trusted to be there or whole: what is damaged is put aside under a dated
/// name, a new one begins, and the VMs are found again by their directories and processes.
/// </summary>
internal sealed class JournalFile(string path, TimeProvider time) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly byte[] Magic = [.. "SQLite format 3\0"u8];
    private const int HeaderBytes = 100;
    private const string CutOff = "it is cut off";

    // Opened once and never closed while SQLite has the file open: closing any descriptor of a file drops all locks that
    // this process holds on it, SQLite's too, and another program could then take the write-ahead log away.
    private SafeFileHandle? _open;
    private long _inode;

    /// <summary>Makes the file usable; returns what had to be done, for users, or null.</summary>
    /// <param name="expected">Whether there ought to be a journal (instances exist).</param>
    /// <exception cref="HostOptionsException">The file cannot be used and cannot be replaced; the message says why.</exception>
    public string? Prepare(bool expected)
    {
        try
        {
            var notice = PutInOrder(expected);
            Begin();
            return notice;
        }
        catch (SqliteException e)
        {
            throw new HostOptionsException($"the event journal {path} cannot be opened: {e.Message}; check free space and permissions of its directory");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostOptionsException($"the event journal {path} cannot be opened: {e.Message}");
        }
    }

    /// <summary>Remembers which file is open, once the journal plugin has created its tables.</summary>
    public void Opened()
    {
        _open = OpenForReading();
        _inode = FileIdentity.Inode(path);
    }

    /// <summary>What is wrong with the file under a running host, judged cheaply; null when nothing is.</summary>
    public string? QuickLook()
    {
        if (_open is null) return null;
        var inode = FileIdentity.Inode(path);
        if (inode == 0) return "it was removed";
        if (inode != _inode) return "it was replaced";
        return HeaderProblem() is not { } problem ? null : problem == CutOff ? Damage() : problem;
    }

    /// <summary>What is wrong with the file, judged by SQLite; null when nothing is.</summary>
    public string? Damage()
    {
        // A checkpoint that is under way makes the file look short for a moment; SQLite itself knows better.
        if (HeaderProblem() is { } problem && problem != CutOff) return problem;
        try
        {
            using var connection = new SqliteConnection(SqliteJournal.ConnectionString(path, SqliteOpenMode.ReadWrite) + ";Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout=5000;";
            command.ExecuteNonQuery();
            command.CommandText = "PRAGMA quick_check(1);";
            var verdict = command.ExecuteScalar() as string ?? "no answer";
            return verdict == "ok" ? null : verdict;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 11 or 26 or 10 or 14)
        {
            // Corrupt, not a database, I/O error, cannot open.
            return e.Message;
        }
    }

    /// <summary>
    /// Closes every connection, so that the one file holds everything and can be copied. Where the file is another one by
    /// now, nothing is written into it.
    /// </summary>
    public void Leave()
    {
        if (QuickLook() is not null) return;
        SqliteConnection.ClearAllPools();
        try
        {
            // The last to leave takes the write-ahead log away, unless it may only read, as the readers may.
            using var last = new SqliteConnection(SqliteJournal.ConnectionString(path, SqliteOpenMode.ReadWrite) + ";Pooling=False");
            last.Open();
            using var command = last.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE);";
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // The log stays, and the next host reads it.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _open?.Dispose();

    private string? PutInOrder(bool expected)
    {
        if (!File.Exists(path) || (!expected && new FileInfo(path).Length == 0))
        {
            // An empty file where nothing is to be expected: a host that was killed while it began its first journal.
            PutAside("-wal");
            PutAside("-shm");
            return expected
                ? $"the event journal {path} was missing; a new one was begun and the VMs were found by their directories and processes"
                : null;
        }

        if (Damage() is not { } damage) return null;
        var kept = PutAside("")!;
        PutAside("-wal");
        PutAside("-shm");
        return $"the event journal was damaged ({damage}); it is kept as {kept}, a new one was begun and the VMs were found by their directories and processes";
    }

    private void Begin()
    {
        // SQLite gives its other files the mode of this one, so it must be right before they are made.
        new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, UnixCreateMode = Private }).Dispose();
        foreach (var file in new[] { path, path + "-wal", path + "-shm" })
        {
            if (File.Exists(file)) File.SetUnixFileMode(file, Private);
        }

        using var connection = new SqliteConnection(SqliteJournal.ConnectionString(path));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL;";
        var mode = (string)command.ExecuteScalar()!;
        if (mode != "wal") throw new HostOptionsException($"the file system of {path} does not allow SQLite's write-ahead log (mode {mode}); choose another LIMA_HOME");
    }

    private string? HeaderProblem()
    {
        try
        {
            if (_open is not null) return HeaderProblem(_open);
            using var file = OpenForReading();
            return HeaderProblem(file);
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private SafeFileHandle OpenForReading() => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static string? HeaderProblem(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        if (length == 0) return "it is empty";
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (RandomAccess.Read(file, header, 0) < header.Length || !header.StartsWith(Magic)) return "it is no SQLite file";
        // Page size at offset 16 (1 stands for 65536) and number of pages at 28: https://www.sqlite.org/fileformat.html
        var word = BinaryPrimitives.ReadUInt16BigEndian(header[16..]);
        var page = word == 1 ? 65536 : Math.Max(word, (ushort)512);
        // SQLite writes whole pages only.
        if (length % page != 0) return "it is cut off in the middle of a page";
        return length < BinaryPrimitives.ReadUInt32BigEndian(header[28..]) * (long)page ? CutOff : null;
    }

    private string? PutAside(string suffix)
    {
        var from = path + suffix;
        if (!File.Exists(from)) return null;
        var to = $"{path}.damaged-{time.GetUtcNow():yyyyMMdd-HHmmss}{suffix}";
        for (var n = 2; File.Exists(to); n++) to = $"{path}.damaged-{time.GetUtcNow():yyyyMMdd-HHmmss}.{n}{suffix}";
        File.Move(from, to);
        File.SetUnixFileMode(to, Private);
        return to;
    }
}
