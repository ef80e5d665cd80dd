using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lima.Drivers.Files;

/// <summary>An open directory, for what .NET offers for files only: synchronising and locking.</summary>
internal sealed partial class DirectoryHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int OpenReadOnly = 0;
    private const int OpenDirectory = 0x10000;
    private const int OpenDirectoryArm = 0x4000;
    private const int OpenCloseOnExec = 0x80000;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int ErrorTryAgain = 11;
    private const int ErrorInterrupted = 4;
    private const int ErrorInvalid = 22;
    private const int ErrorNotSupported = 95;

    private readonly string _path;

    private DirectoryHandle(int descriptor, string path)
        : base(ownsHandle: true)
    {
        _path = path;
        SetHandle(descriptor);
    }

    /// <summary>Opens the directory. No child process inherits it.</summary>
    /// <exception cref="IOException">There is none, or it is not accessible.</exception>
    public static DirectoryHandle Open(string path)
    {
        var flags = OpenReadOnly | OpenCloseOnExec
            | (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? OpenDirectoryArm : OpenDirectory);
        var descriptor = OpenFile(path, flags);
        return descriptor >= 0 ? new DirectoryHandle(descriptor, path) : throw Failure("open", path);
    }

    /// <summary>Makes what was renamed, made or removed in it durable.</summary>
    /// <exception cref="IOException">The disk reports an error.</exception>
    public void Synchronise()
    {
        if (SynchroniseFile((int)handle) == 0) return;
        // Some network and FUSE file systems know no such operation; they are as durable as they are.
        if (Marshal.GetLastPInvokeError() is ErrorInvalid or ErrorNotSupported) return;
        throw Failure("synchronise", _path);
    }

    /// <summary>Takes the directory's lock, which ends with this handle; false when another process or handle has it.</summary>
    /// <exception cref="IOException">The file system cannot lock.</exception>
    public bool TryLock()
    {
        if (LockFile((int)handle, LockExclusive | LockNonBlocking) == 0) return true;
        if (Marshal.GetLastPInvokeError() is ErrorTryAgain or ErrorInterrupted) return false;
        throw Failure("lock", _path);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => CloseFile((int)handle) == 0;

    private static IOException Failure(string what, string path) =>
        new($"cannot {what} directory `{path}`: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SynchroniseFile(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockFile(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);
}
