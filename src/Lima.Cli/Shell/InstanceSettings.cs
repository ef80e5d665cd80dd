using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lima.Cli.Shell;

/// <summary>
/// The few settings of an instance that <c>shell</c> needs: the configured login shell and the shared directories. Read
/// from <c>lima.yaml</c> itself, because the host may be down; a file that names neither is not even parsed.
/// </summary>
/// <param name="LoginShell">Value of <c>user.shell</c>; null when it is not set.</param>
/// <param name="Shared">Entries of <c>mounts</c>.</param>
internal sealed record InstanceSettings(string? LoginShell, IReadOnlyList<SharedDirectory> Shared)
{
    private static readonly InstanceSettings None = new(null, []);

    /// <summary>Reads the file; an unreadable or malformed one sets nothing, since the guest may be fine all the same.</summary>
    public static InstanceSettings Read(string path, string home)
    {
        try
        {
            var text = File.ReadAllText(path);
            return Mentions(text, "mounts") || Mentions(text, "user") ? Parse(text, home) : None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or YamlException)
        {
            return None;
        }
    }

    private static bool Mentions(string text, string key) =>
        text.StartsWith('{') || text.StartsWith(key, StringComparison.Ordinal) || text.Contains("\n" + key) || text.Contains("\n\"" + key);

    private static InstanceSettings Parse(string text, string home)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _) || !parser.TryConsume<MappingStart>(out _)) return None;
        string? shell = null;
        IReadOnlyList<SharedDirectory> shared = [];
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            switch (Key(parser))
            {
                case "user" when parser.TryConsume<MappingStart>(out _):
                    shell = Fields(parser).GetValueOrDefault("shell");
                    break;
                case "mounts" when parser.TryConsume<SequenceStart>(out _):
                    shared = Mounts(parser, home);
                    break;
                default:
                    parser.SkipThisAndNestedEvents();
                    break;
            }
        }

        return new InstanceSettings(string.IsNullOrEmpty(shell) ? null : shell, shared);
    }

    private static List<SharedDirectory> Mounts(IParser parser, string home)
    {
        var mounts = new List<SharedDirectory>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (!parser.TryConsume<MappingStart>(out _))
            {
                parser.SkipThisAndNestedEvents();
                continue;
            }

            var fields = Fields(parser);
            if (fields.GetValueOrDefault("location") is not { Length: > 0 } location) continue;
            location = Expand(location, home);
            var point = fields.GetValueOrDefault("mountPoint") is { Length: > 0 } given ? Expand(given, home) : location;
            mounts.Add(new SharedDirectory(location, point));
        }

        return mounts;
    }

    private static string Expand(string path, string home)
    {
        path = path.Replace("{{.Home}}", home);
        return path == "~" ? home : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(home, path[2..]) : path;
    }

    // The plain values of a mapping whose start has been consumed; nested ones are passed over.
    private static Dictionary<string, string> Fields(IParser parser)
    {
        var fields = new Dictionary<string, string>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Key(parser);
            if (parser.TryConsume<Scalar>(out var value))
            {
                if (!IsNull(value)) fields[key] = value.Value;
            }
            else parser.SkipThisAndNestedEvents();
        }

        return fields;
    }

    // `null` means "not set" everywhere in a lima.yaml.
    private static bool IsNull(Scalar value) => value.Style == YamlDotNet.Core.ScalarStyle.Plain && value.Value is "" or "~" or "null" or "Null" or "NULL";

    private static string Key(IParser parser)
    {
        if (parser.TryConsume<Scalar>(out var key)) return key.Value;
        parser.SkipThisAndNestedEvents();
        return "";
    }
}
