namespace Lima.Templates.Expressions;

/// <summary>Variables of one instance's texts.</summary>
internal static class TemplateVariables
{
    /// <summary>For texts that go into the guest, before its home directory is known: Name, Hostname, UID, User and Param.</summary>
    public static Dictionary<string, string> WithoutHome(Reading reading, string user, long uid)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Name"] = reading.Instance.Name,
            ["Hostname"] = reading.Instance.Hostname,
            ["User"] = user,
            ["UID"] = uid.ToString(),
        };
        foreach (var (key, _, text) in reading.Root.Pairs("param")) variables["Param." + key.Value] = text;
        return variables;
    }

    /// <summary>For the message: the guest's variables and what is known of the instance before it runs.</summary>
    public static Dictionary<string, string> ForMessage(
        IReadOnlyDictionary<string, string> guest, Reading reading, int cpus) => new(guest, StringComparer.Ordinal)
    {
        ["Dir"] = reading.Instance.Directory,
        ["Arch"] = reading.Arch,
        ["CPUs"] = cpus.ToString(),
        ["HostOS"] = "linux",
        ["HostArch"] = reading.Host.Arch,
    };
}
