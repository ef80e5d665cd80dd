using System.Collections.Immutable;
using Lima.Templates.Defaults;
using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Mounts: where from, where to, and by which way.</summary>
internal static class MountRules
{
    private static readonly ImmutableArray<string> QemuTypes = ["reverse-sshfs", "9p", "virtiofs"];

    public static void Check(Reading reading)
    {
        foreach (var mount in reading.Root.Items("mounts"))
        {
            CheckLocation(reading, mount);
            CheckPoint(reading, mount);
            var (ninep, virtiofs) = (mount.Map("9p"), mount.Map("virtiofs"));
            if (virtiofs.Integer("queueSize") is <= 0 or > 32768)
            {
                reading.Error(virtiofs, "queueSize", $"field `{virtiofs.FieldPath("queueSize")}` must be between 1 and 32768");
            }

            if (ninep.Text("msize") is { } size && SizeText.Parse(size) is null)
            {
                reading.Error(ninep, "msize", $"field `{ninep.FieldPath("msize")}` has an invalid value: `{Shown.Value(size)}` is no size; write for example `128KiB`");
            }
        }
    }

    public static void CheckType(Reading reading)
    {
        var unsupported = reading.Root.Texts("mountTypesUnsupported").ToImmutableArray();
        var written = reading.Root.Text("mountType");
        var type = written is null or "" or "default" ? QemuDefaults.MountType(reading.Root, reading.Instance) : written;
        if (!LimaSchema.MountTypes.Contains(type))
        {
            reading.Error(reading.Root, "mountType",
                $"field `mountType` must be one of [{string.Join(' ', LimaSchema.MountTypes.Select(name => $"`{name}`"))}]; got `{Shown.Value(type)}`");
        }
        else if (unsupported.Contains(type))
        {
            reading.Error(reading.Root, written is null ? "mountTypesUnsupported" : "mountType",
                $"field `mountType` must not be one of [{string.Join(' ', unsupported.Select(Shown.Value))}] (`mountTypesUnsupported`), got `{type}`");
        }
        else if (reading.VmType == "qemu" && !QemuTypes.Contains(type))
        {
            reading.Error(reading.Root, "mountType",
                $"field `mountType` must be one of [{string.Join(' ', QemuTypes)}] for QEMU driver on Linux, got `{type}`");
        }
    }

    private static void CheckLocation(Reading reading, Section mount)
    {
        var location = mount.Text("location") ?? "";
        var (path, shown) = (mount.FieldPath("location"), Shown.Value(location));
        if (!location.StartsWith('/') || location.Any(char.IsControl))
        {
            reading.Error(mount, "location", $"field `{path}` must be an absolute path, got `{shown}`");
            return;
        }

        switch (reading.Host.Look?.Invoke(location))
        {
            case PathKind.Missing:
                reading.Warn(mount, "location", $"field `{path}` refers to a non-existent directory: `{shown}`");
                break;
            case PathKind.Inaccessible:
                reading.Error(mount, "location", $"field `{path}` refers to an inaccessible path: `{shown}`");
                break;
            case PathKind.File or PathKind.Socket:
                reading.Error(mount, "location", $"field `{path}` refers to a non-directory path: `{shown}`");
                break;
        }
    }

    private static void CheckPoint(Reading reading, Section mount)
    {
        var point = mount.Text("mountPoint") ?? "";
        var (path, shown) = (mount.FieldPath("mountPoint"), Shown.Value(point));
        var problem = point switch
        {
            _ when point.StartsWith('~') => "must not start with `~`",
            _ when IsSystem(point) => "must not be a system path such as /etc or /usr",
            _ when point == reading.Root.Map("user").Text("home") => "is the reserved internal home directory",

            // A location that is none is reported already.
            _ when (!point.StartsWith('/') || point.Any(char.IsControl)) && point != mount.Text("location") => "must be an absolute path",
            _ => null,
        };
        if (problem is not null) reading.Error(mount, "mountPoint", $"field `{path}` {problem}, got `{shown}`");
    }

    private static bool IsSystem(string path) => path.StartsWith('/')
        && path.TrimEnd('/') is "" or "/bin" or "/dev" or "/etc" or "/home" or "/opt" or "/sbin" or "/tmp" or "/usr" or "/var";
}
