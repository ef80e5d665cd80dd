using Lima.Drivers.Images;

namespace Lima.Drivers.Files;

/// <summary>What a file takes on the disk, which for an image is far less than its length or what a guest sees.</summary>
public static class AllocatedSpace
{
    /// <summary>Bytes; 0 when there is no such file. Of a link what it leads to counts.</summary>
    public static long Of(string path) => NativeFiles.IdentifyTarget(path)?.AllocatedBytes ?? 0;
}
