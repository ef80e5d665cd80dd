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
    public async Task<TemplateText> ReadAsync(string locator, CancellationToken cancel)
    {
        if (locator == "-") return new TemplateText("-", await StandardInputAsync(cancel), null);
        if (TemplateName(locator) is { } name) return ReadFile(FindTemplate(name), $"template:{name}", name);
        if (locator.StartsWith("https://", StringComparison.Ordinal) || locator.StartsWith("http://", StringComparison.Ordinal))
            return new TemplateText(locator, await DownloadAsync(locator, cancel), NameFrom(new Uri(locator).AbsolutePath));
        var path = locator.StartsWith("file://", StringComparison.Ordinal) ? locator["file://".Length..]
            : locator.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(world.UserHome, locator[2..])
            : locator;
        return ReadFile(Path.GetFullPath(path, world.WorkingDirectory), locator, locator);
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
        var name = path.TrimEnd('/').Split('/')[^1].ToLowerInvariant();
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

    private static TemplateText ReadFile(string path, string source, string nameSource)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > BytesMax) throw TooLarge(source);
            return new TemplateText(source, File.ReadAllText(path), NameFrom(nameSource));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = e is FileNotFoundException or DirectoryNotFoundException ? "does not exist"
                : Directory.Exists(path) ? "is a directory" : $"cannot be read: {e.Message}";
            throw new CliException($"template `{source}` {why}", "name a file, an address, or `template:NAME`");
        }
    }

    private async Task<string> StandardInputAsync(CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        int read;
        while ((read = await world.In.Value.ReadAsync(buffer, cancel)) > 0)
        {
            text.Append(buffer, 0, read);
            if (text.Length > BytesMax) throw TooLarge("standard input");
        }

        return text.ToString();
    }

    private static async Task<string> DownloadAsync(string address, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = DownloadLimit, MaxResponseContentBufferSize = BytesMax };
        try
        {
            return await http.GetStringAsync(new Uri(address), cancel);
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            throw new CliException($"cannot download template `{address}`: {e.Message}", "check the address and the network");
        }
    }

    private static CliException TooLarge(string source) => new($"template `{source}` is larger than 4 MiB");
}
