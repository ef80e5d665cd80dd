namespace Lima.Cli.Shell;

/// <summary>The parts of an instance's <c>ssh.config</c> that tell where its SSH server is.</summary>
/// <param name="Alias">Host alias (<c>lima-NAME</c>).</param>
/// <param name="Address">Address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="ControlPath">Socket of the shared connection; null when there is none.</param>
internal sealed record SshConfigFile(string Alias, string Address, int Port, string? ControlPath)
{
    /// <summary>Reads the file; null when it is missing, unreadable or names no host and port.</summary>
    public static SshConfigFile? TryRead(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        string? alias = null, address = null, control = null;
        var port = 0;
        foreach (var line in lines.Select(line => line.Trim()))
        {
            var blank = line.IndexOfAny([' ', '\t', '=']);
            if (blank < 0 || line[0] == '#') continue;
            var value = line[(blank + 1)..].Trim().Trim('"');
            switch (line[..blank].ToLowerInvariant())
            {
                case "host":
                    alias ??= value.Split(' ')[0];
                    break;
                case "hostname":
                    address ??= value;
                    break;
                case "port":
                    if (port == 0 && int.TryParse(value, out var number)) port = number;
                    break;
                case "controlpath":
                    control ??= value is "none" ? null : value;
                    break;
            }
        }

        return alias is null || port is <= 0 or > 65535 ? null : new SshConfigFile(alias, address ?? "127.0.0.1", port, control);
    }
}
