using System.Runtime.InteropServices;

namespace Lima.Drivers.Disks;

/// <summary>
/// The kernel lock that QEMU holds on each image it has open. It ends with the process, however that ends, so it cannot go
/// stale as a file or a link can; and whoever launched QEMU, it is there.
/// </summary>
internal static partial class ImageLock
{
    // QEMU locks single bytes of this range, one for each thing it does with the image or does not let others do.
    private const long FirstByte = 100, Bytes = 200;
    private const int AskOpenFileLock = 36;
    private const short WriteLock = 1, Unlocked = 2;

    /// <summary>Whether any process has the image open as QEMU does.</summary>
    /// <exception cref="IOException">It cannot be opened, or its file system knows no such locks.</exception>
    public static bool IsHeld(string image)
    {
        using var file = File.OpenHandle(image, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var wanted = new Range { Type = WriteLock, Start = FirstByte, Length = Bytes };
        // Only asked, never taken: a lock of ours could meet a QEMU that is just starting.
        if (Control(file.DangerousGetHandle().ToInt32(), AskOpenFileLock, ref wanted) != 0)
            throw new IOException($"cannot ask who has `{image}` locked: {Marshal.GetLastPInvokeErrorMessage()}");
        return wanted.Type != Unlocked;
    }

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
