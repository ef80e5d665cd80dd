using System.Collections.Immutable;

namespace Lima.Drivers.CloudInit;

/// <summary>The product's own scripts that run inside the guest, as they are installed beside the program.</summary>
/// <param name="PerBoot">What cloud-init runs at every boot: mounts the seed and hands over to <c>boot.sh</c>.</param>
/// <param name="Files">The files that go onto the seed as they are: <c>boot.sh</c>, <c>provision.sh</c>, <c>boot.essential/*</c>, <c>boot.d/*</c> and, where there is one, <c>lib.sh</c>.</param>
public sealed record GuestScripts(string PerBoot, ImmutableArray<IsoFile> Files)
{
    private const int FileBytesMax = 1 << 20;
    private static readonly string[] Folders = ["boot.essential", "boot.d"];
    private const UnixFileMode Script = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    /// <summary>Reads them.</summary>
    /// <param name="directory">The installed folder (<c>share/lima/guest</c>).</param>
    /// <exception cref="DriverException">One is missing, unreadable, or larger than 1 MiB (code <c>guest-scripts</c>).</exception>
    public static GuestScripts Load(string directory)
    {
        try
        {
            List<IsoFile> files = [Read(directory, "boot.sh"), Read(directory, "provision.sh")];
            if (File.Exists(Path.Combine(directory, "lib.sh"))) files.Add(Read(directory, "lib.sh"));
            foreach (var folder in Folders) files.AddRange(ReadAll(directory, folder));
            var perBoot = System.Text.Encoding.UTF8.GetString(Read(directory, "per-boot.sh").Content.Span);
            return new GuestScripts(perBoot, [.. files]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Problem(directory, failure.Message, failure);
        }
    }

    private static IEnumerable<IsoFile> ReadAll(string directory, string folder) =>
        from name in Directory.GetFiles(Path.Combine(directory, folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        where !name.StartsWith('.')
        select Read(directory, $"{folder}/{name}");

    private static IsoFile Read(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        return new FileInfo(path).Length <= FileBytesMax
            ? new IsoFile(name, File.ReadAllBytes(path), Script)
            : throw Problem(directory, $"`{name}` is larger than {FileBytesMax} bytes");
    }

    private static DriverException Problem(string directory, string what, Exception? inner = null) => new(
        "guest-scripts", "reading the guest's boot scripts", $"the guest's boot scripts in `{directory}` cannot be used: {what}",
        "install the program again", inner);
}
