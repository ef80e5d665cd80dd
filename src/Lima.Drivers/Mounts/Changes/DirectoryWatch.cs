namespace Lima.Drivers.Mounts.Changes;

/// <summary>Something happened on the host.</summary>
/// <param name="Path">Absolute path; the directory itself when it is not known what.</param>
/// <param name="ChangesItsDirectory">Whether the directory that it lies in has another entry, or one less.</param>
internal readonly record struct HostChange(string Path, bool ChangesItsDirectory);

/// <summary>Watches a directory and all below it, new ones too. Links are not followed.</summary>
internal sealed class DirectoryWatch : IDisposable
{
    // What a new directory may hold by the time that it is looked into.
    private const int NewEntriesMax = 10_000;

    private readonly FileSystemWatcher _watcher;
    private readonly string _directory;
    private readonly Action<HostChange> _changed;
    private readonly Action<string> _failed;

    /// <summary>Makes it ready; nothing is watched before <see cref="Begin"/>.</summary>
    /// <param name="directory">Absolute path without links.</param>
    /// <param name="changed">Called on the watcher's own thread.</param>
    /// <param name="failed">Gets why something is missed.</param>
    public DirectoryWatch(string directory, Action<HostChange> changed, Action<string> failed)
    {
        (_directory, _changed, _failed) = (directory, changed, failed);
        _watcher = new FileSystemWatcher(directory)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.Attributes,
        };
        _watcher.Created += (_, e) => Appeared(e.FullPath);
        _watcher.Changed += (_, e) => _changed(new HostChange(e.FullPath, ChangesItsDirectory: false));
        _watcher.Deleted += (_, e) => _changed(new HostChange(e.FullPath, ChangesItsDirectory: true));
        _watcher.Renamed += (_, e) =>
        {
            _changed(new HostChange(e.OldFullPath, ChangesItsDirectory: true));
            Appeared(e.FullPath);
        };
        _watcher.Error += (_, e) => Failed(e.GetException());
    }

    /// <summary>Begins; takes as long as it takes to walk through the directory.</summary>
    public void Begin()
    {
        try
        {
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Failed(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watcher.Dispose();

    // What was made in a new directory before it could be watched was not reported.
    private void Appeared(string path)
    {
        _changed(new HostChange(path, ChangesItsDirectory: true));
        try
        {
            var attributes = File.GetAttributes(path);
            if (!attributes.HasFlag(FileAttributes.Directory) || attributes.HasFlag(FileAttributes.ReparsePoint)) return;
            foreach (var entry in Directory.EnumerateFileSystemEntries(path, "*", Below).Take(NewEntriesMax))
                _changed(new HostChange(entry, ChangesItsDirectory: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is gone again, which is reported, too.
        }
    }

    private static EnumerationOptions Below => new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private void Failed(Exception failure)
    {
        if (failure is not InternalBufferOverflowException)
        {
            _failed($"not all of {_directory} is watched: {failure.Message.ReplaceLineEndings(" ")}");
            return;
        }

        // Too much at once for the kernel's queue: what it was is not known, that it was is.
        _changed(new HostChange(_directory, ChangesItsDirectory: false));
    }
}
