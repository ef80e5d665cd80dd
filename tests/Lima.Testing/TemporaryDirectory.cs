namespace Lima.Testing;

/// <summary>A directory of its own for a test, with a short path (Unix sockets must fit in 107 bytes), removed at the end.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    /// <summary>Absolute path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("lt-").FullName;

    /// <summary>Path of an entry in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that is just ending may still write here; the next boot clears /tmp.
        }
    }
}
