using System.Text;
using Lima.Domain.Vms;

namespace Lima.Cli.Templates;

/// <summary>Turns what the user named (a template, a file, an address, standard input) into the text of a template.</summary>
internal sealed class TemplateFinder(CliWorld world, CliPaths paths)
{
    private const int BytesMax = 4 * 1024 * 1024;
    private static readonly TimeSpan DownloadLimit = TimeSpan.FromSeconds(60);

    /// <summary>Whether an argument names a template rather than an instance.</summary>
    public static bool IsLocator(string argument) => argument == "-" || !VmName.TryParse(argument, out _, out _);

    /// <summary>Directories searched for <c>template:NAME</c>, in order.</summary>
    public IReadOnlyList<string> SearchPath => world.Env("LIMA_TEMPLATES_PATH") is { Length: > 0 } list
        ? list.Split(':', StringSplitOptions.RemoveEmptyEntries)
        : [Path.Combine(paths.Home, "_templates"), Path.Combine(paths.Share, "templates")];

    /// <summary>Names of all templates with their files; those of an earlier directory hide those of a later one.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var directory in SearchPath.Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(directory, "*.yaml", SearchOption.AllDirectories))
            {
                var name = Path.GetRelativePath(directory, file)[..^".yaml".Length];
                if (!name.StartsWith('_') && !name.Contains("/_") && !name.StartsWith('.')) found.TryAdd(name, file);
            }
        }

        return [.. found];
    }

    /// <summary>Reads a template.</summary>
    /// <exception cref="CliException">There is no such template, or it cannot be read.</exception>
    public TemplateText Read(string locator)
    {
        if (locator == "-") return new TemplateText("-", StandardInput(), "-");
        if (TemplateName(locator) is { } name) return ReadFile(FindTemplate(name), $"template:{name}", $"template:{name}");
        if (locator.StartsWith("https://", StringComparison.Ordinal) || locator.StartsWith("http://", StringComparison.Ordinal))
            return new TemplateText(locator, Download(locator), locator);
        var path = locator.StartsWith("file://", StringComparison.Ordinal) ? locator["file://".Length..]
            : locator.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(world.UserHome, locator[2..])
            : locator;
        path = Path.GetFullPath(path, world.WorkingDirectory);
        return ReadFile(path, locator, path);
    }

    /// <summary>File of <c>template:NAME</c>.</summary>
    /// <exception cref="CliException">No directory of the search path has it.</exception>
    public string FindTemplate(string name)
    {
        if (name.Length == 0 || name.Split('/').Contains("..") || name.StartsWith('/'))
            throw new CliException($"template name `{name}` is invalid", "use a name that `limactl create --list-templates` prints");
        var extension = Path.GetExtension(name);
        var file = extension.Length > 1 && !char.IsAsciiDigit(extension[1]) ? name : name + ".yaml";
        return SearchPath.Select(directory => Path.Combine(directory, file)).FirstOrDefault(File.Exists)
            ?? throw new CliException(
                $"template `{name}` is in none of {string.Join(", ", SearchPath.Select(directory => $"`{directory}`"))}",
                "`limactl create --list-templates` prints the names");
    }

    /// <summary>The name an instance gets from the last part of a path; null when none can be made of it.</summary>
    public static string? NameFrom(string path)
    {
        var name = path.Split('?', '#')[0].TrimEnd('/').Split('/', ':')[^1].ToLowerInvariant();
        foreach (var extension in new[] { ".yaml", ".yml" })
            if (name.EndsWith(extension, StringComparison.Ordinal)) name = name[..^extension.Length];
        name = name.Replace('.', '-');
        return VmName.TryParse(name, out _, out _) ? name : null;
    }

    private static string? TemplateName(string locator)
    {
        if (!locator.StartsWith("template:", StringComparison.Ordinal)) return null;
        var name = locator["template:".Length..];
        return name.StartsWith("//", StringComparison.Ordinal) ? name[2..] : name;
    }

    private static TemplateText ReadFile(string path, string source, string location)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > BytesMax) throw TooLarge(source);
            return new TemplateText(source, File.ReadAllText(path), location);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = e is FileNotFoundException or DirectoryNotFoundException ? "does not exist"
                : Directory.Exists(path) ? "is a directory" : $"cannot be read: {e.Message}";
            throw new CliException($"template `{source}` {why}", "name a file, an address, or `template:NAME`");
        }
    }

    private string StandardInput() => ReadBounded(world.In.Value, "standard input");

    private static string Download(string address)
    {
        using var http = new HttpClient { Timeout = DownloadLimit };
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        try
        {
            using var answer = http.Send(request, HttpCompletionOption.ResponseHeadersRead);
            answer.EnsureSuccessStatusCode();
            using var reader = new StreamReader(answer.Content.ReadAsStream());
            return ReadBounded(reader, address);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new CliException($"cannot download template `{address}`: {e.Message}", "check the address and the network");
        }
    }

    private static string ReadBounded(TextReader reader, string source)
    {
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        int read;
        while ((read = reader.Read(buffer, 0, buffer.Length)) > 0)
        {
            text.Append(buffer, 0, read);
            if (text.Length > BytesMax) throw TooLarge(source);
        }

        return text.ToString();
    }

    private static CliException TooLarge(string source) => new($"template `{source}` is larger than 4 MiB");
}
