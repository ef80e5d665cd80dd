using System.Collections.Immutable;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Qemu;

/// <summary>
/// Keeps what a guest can make QEMU write from filling the disk: of a log that has grown long the older part is given back to the file
/// system. QEMU goes on where it was, and the newest lines stay where readers look for them, at the end.
/// </summary>
internal sealed class GuestLogs(InstanceDirectory directory)
{
    /// <summary>A log takes no more than this on the disk, looked at as often as the machine is.</summary>
    public const long BytesMax = 16 << 20;

    /// <summary>Of a log that is longer, this much is kept.</summary>
    public const long BytesKept = 4 << 20;

    private readonly ImmutableArray<string> _paths = [directory.SerialLog, directory.VirtioSerialLog, directory.ProgressLog, directory.QemuLog];
    private readonly Dictionary<string, long> _given = [];

    /// <summary>Looks at each log once. A file system that cannot give back parts of a file keeps them.</summary>
    public void Bound()
    {
        foreach (var path in _paths)
        {
            try
            {
                Bound(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A log is no reason to disturb anything.
            }
        }
    }

    private void Bound(string path)
    {
        var length = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        var given = Math.Min(_given.GetValueOrDefault(path), length);
        if (length - given <= BytesMax) return;
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        Native.GiveBack(handle, 0, length - BytesKept);
        _given[path] = length - BytesKept;
    }
}
