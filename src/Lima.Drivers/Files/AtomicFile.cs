using System.Text;

namespace Lima.Drivers.Files;

/// <summary>
/// Writes whole files so that a reader, or a power cut, meets the old content or the new, never a part: a temporary file
/// in the same directory, its mode set before any content, synchronised, renamed, and the directory synchronised.
/// </summary>
public static class AtomicFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="DriverException">The file could not be written (code <c>file-write</c>); what was there before is untouched.</exception>
    public static void Write(string path, string text, UnixFileMode mode) => Write(path, Utf8.GetBytes(text), mode);

    /// <summary>Writes bytes. A symbolic link at <paramref name="path"/> is replaced, not followed.</summary>
    /// <exception cref="DriverException">The file could not be written (code <c>file-write</c>); what was there before is untouched.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var full = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(full) ?? throw new ArgumentException($"`{path}` names no file", nameof(path));
        // The suffix is one of those that a forced stop clears away and a clone leaves out.
        var temporary = Path.Combine(directory, $".{Shortened(Path.GetFileName(full))}.{Guid.NewGuid():N}.tmp");
        try
        {
            WriteSynchronised(temporary, content, mode);
            File.Move(temporary, full, overwrite: true);
            DirectorySync.Flush(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw new DriverException(
                "file-write", $"writing {full}", $"cannot write `{full}`: {failure.Message}",
                "check that the directory exists, is writable, and has free space", failure);
        }
    }

    /// <summary>Writes only when the content or the mode differs, so that the time stamp tells when it last changed.</summary>
    /// <returns>True when it was written.</returns>
    /// <exception cref="DriverException">As <see cref="Write(string, ReadOnlySpan{byte}, UnixFileMode)"/>.</exception>
    public static bool WriteIfChanged(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        if (Holds(path, content, mode)) return false;
        Write(path, content, mode);
        return true;
    }

    /// <inheritdoc cref="WriteIfChanged(string, ReadOnlySpan{byte}, UnixFileMode)"/>
    public static bool WriteIfChanged(string path, string text, UnixFileMode mode) => WriteIfChanged(path, Utf8.GetBytes(text), mode);

    private static void WriteSynchronised(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            UnixCreateMode = mode & (UnixFileMode.UserRead | UnixFileMode.UserWrite),
        };
        using var stream = new FileStream(path, options);
        // Said explicitly, because the process's umask takes bits away from the mode of creation.
        File.SetUnixFileMode(stream.SafeFileHandle, mode);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    private static bool Holds(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists
                && file.LinkTarget is null
                && file.Length == content.Length
                && file.UnixFileMode == mode
                && content.SequenceEqual(File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The write's own failure is what the caller must hear of.
        }
    }

    // A file name has at most 255 bytes, and the temporary one is longer than the final one.
    private static string Shortened(string name) => name.Length <= 50 ? name : name[..50];
}
