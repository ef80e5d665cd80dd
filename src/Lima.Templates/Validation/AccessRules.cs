namespace Lima.Templates.Validation;

/// <summary>SSH and name resolution.</summary>
internal static class AccessRules
{
    public static void CheckSsh(Reading reading)
    {
        var ssh = reading.Root.Map("ssh");
        if (ssh.Integer("localPort") is { } port and not 0 && PortProblem(port) is { } problem)
        {
            reading.Error(ssh, "localPort", $"field `ssh.localPort` {problem}, got {port}");
        }

        if (reading.Plain && ssh.Bool("forwardAgent") == true) reading.Warn(ssh, "forwardAgent", "field `ssh.forwardAgent` is ignored in plain mode");
    }

    public static void CheckDns(Reading reading)
    {
        if (reading.Root.Nodes("dns").Length > 0 && reading.Root.Map("hostResolver").Bool("enabled") != false)
        {
            reading.Error(reading.Root, "dns",
                "field `dns` must be empty when field `HostResolver.Enabled` is true; set `hostResolver.enabled: false` as well");
        }
    }

    /// <summary>What is wrong with a port, as the rest of a sentence; null when nothing is.</summary>
    public static string? PortProblem(long port) => port switch
    {
        < 0 => "must be > 0",
        0 => "must be set",
        22 => "must not be 22",
        > 65535 => "must be < 65536",
        _ => null,
    };
}
