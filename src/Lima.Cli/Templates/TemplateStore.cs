namespace Lima.Cli.Templates;

/// <summary>Templates that are known by name.</summary>
internal sealed class TemplateStore(CliWorld world, CliPaths paths)
{
    // Aliases are symbolic links and wanted; a link to a directory above would lead round and round.
    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, MaxRecursionDepth = 4, AttributesToSkip = FileAttributes.Hidden };

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
            foreach (var file in Directory.EnumerateFiles(directory, "*.yaml", Below))
            {
                var name = Path.GetRelativePath(directory, file)[..^".yaml".Length];
                if (!name.StartsWith('_') && !name.Contains("/_") && !name.StartsWith('.') && !name.Contains("/.")) found.TryAdd(name, file);
            }
        }

        return [.. found];
    }

    /// <summary>File of <c>template:NAME</c>. <c>.yaml</c> is added unless there is an extension that is no version (<c>ubuntu-24.04</c>).</summary>
    /// <exception cref="CliException">No directory of the search path has it.</exception>
    public string Find(string name)
    {
        if (name.Length == 0 || name.Contains("..", StringComparison.Ordinal))
            throw new CliException($"template name `{name}` {(name.Length == 0 ? "is empty" : "must not contain `..`")}", "use a name that `limactl create --list-templates` prints");
        var extension = Path.GetExtension(name);
        var file = extension.Length > 1 && !char.IsAsciiDigit(extension[1]) ? name : name + ".yaml";
        return SearchPath.Select(directory => Path.Combine(directory, file)).FirstOrDefault(File.Exists)
            ?? throw new CliException(
                $"template `{name}` not found in {string.Join(", ", SearchPath.Select(directory => $"`{directory}`"))}",
                "`limactl create --list-templates` prints the names");
    }
}
