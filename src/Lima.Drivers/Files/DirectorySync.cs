using System.Runtime.InteropServices;

namespace Lima.Drivers.Files;

/// <summary>Makes a rename in a directory durable. .NET opens no directories, so the C library is called.</summary>
internal static partial class DirectorySync
{
    private const int OpenReadOnly = 0;
    private const int OpenDirectory = 0x10000;
    private const int OpenDirectoryArm = 0x4000;
    private const int OpenCloseOnExec = 0x80000;
    private const int ErrorInvalid = 22;
    private const int ErrorNotSupported = 95;

    /// <summary>Synchronises the directory's entries with the disk.</summary>
    /// <exception cref="IOException">The directory cannot be opened or the disk reports an error.</exception>
    public static void Flush(string directory)
    {
        var flags = OpenReadOnly | OpenCloseOnExec
            | (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? OpenDirectoryArm : OpenDirectory);
        var descriptor = Open(directory, flags);
        if (descriptor < 0) throw Failure(directory);
        try
        {
            // Some network and FUSE file systems know no such operation; they are as durable as they are.
            if (Synchronise(descriptor) < 0 && Marshal.GetLastPInvokeError() is not (ErrorInvalid or ErrorNotSupported))
                throw Failure(directory);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string directory) =>
        new($"cannot synchronise directory `{directory}`: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronise(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
