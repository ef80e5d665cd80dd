using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lima.Testing;

/// <summary>Has an image open and locked as a living QEMU has, until it is disposed.</summary>
public sealed partial class HeldImage : IDisposable
{
    private const int SetOpenFileLock = 37;
    private const short ReadLock = 0;
    private readonly SafeFileHandle _file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="IOException">The file system knows no such locks.</exception>
    public HeldImage(string image)
    {
        _file = File.OpenHandle(image, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // The byte by which QEMU says that it writes.
        var range = new Range { Type = ReadLock, Start = 101, Length = 1 };
        if (Control(_file.DangerousGetHandle().ToInt32(), SetOpenFileLock, ref range) != 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Lets go of it.</summary>
    public void Dispose() => _file.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, ref Range range);
}
