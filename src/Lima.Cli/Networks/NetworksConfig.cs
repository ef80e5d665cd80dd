using Lima.Templates.Networks;

namespace Lima.Cli.Networks;

/// <summary>The file <c>_config/networks.yaml</c>; made with Lima's networks when it is first needed.</summary>
internal sealed class NetworksConfig(CliPaths paths)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private string File => Path.Combine(paths.Home, "_config", "networks.yaml");

    /// <summary>The networks there are, sorted by name.</summary>
    /// <exception cref="CliException">The file cannot be read or understood; every problem is in it.</exception>
    public IReadOnlyList<NetworkDefinition> Read() => NetworksFile.Read(Text(), File, out var problems)
        ?? throw new CliException($"cannot parse `{File}`", "correct the lines named above", problems: [.. problems.Select(Templates.TemplateBases.View)]);

    /// <summary>Adds a network.</summary>
    public void Add(NetworkDefinition network) => Write(NetworksFile.With(Text(), network));

    /// <summary>Removes a network.</summary>
    public void Remove(string name) => Write(NetworksFile.Without(Text(), name));

    private string Text()
    {
        try
        {
            if (System.IO.File.Exists(File)) return System.IO.File.ReadAllText(File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot read `{File}`: {e.Message}");
        }

        Write(NetworksFile.Default);
        return NetworksFile.Default;
    }

    private void Write(string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!, Private);
            var temporary = $"{File}.{Environment.ProcessId}.tmp";
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            System.IO.File.Move(temporary, File, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot write `{File}`: {e.Message}", "check its permissions and free space");
        }
    }
}
