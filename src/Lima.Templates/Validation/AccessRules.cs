using System.Text.RegularExpressions;
using Lima.Templates.Defaults;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>SSH, the guest's user, and name resolution.</summary>
internal static partial class AccessRules
{
    public static void Check(Reading reading)
    {
        CheckSsh(reading);
        CheckUser(reading);
        CheckDns(reading);
    }

    private static void CheckSsh(Reading reading)
    {
        var ssh = reading.Root.Map("ssh");
        if (ssh.Integer("localPort") is not { } port || port == 0) return;
        var problem = port switch
        {
            < 0 => "must be > 0",
            22 => "must not be 22",
            > 65535 => "must be < 65536",
            _ => null,
        };
        if (problem is not null) reading.Error(ssh, "localPort", $"field `ssh.localPort` {problem}, got {port}");
    }

    private static void CheckUser(Reading reading)
    {
        var user = reading.Root.Map("user");
        if (user.Text("name") is { } name && NameProblem(name) is { } problem) reading.Error(user, "name", $"field `user.name` {problem}");
        if (user.Integer("uid") is { } uid and (<= 0 or > int.MaxValue))
        {
            reading.Error(user, "uid", uid == 0 ? "field `user.uid` must not be 0" : $"field `user.uid` must be a user id, got {uid}");
        }

        CheckPath(reading, user, "shell");
        CheckHome(reading, user);
        if (user.Bool("passwordlessSudo") != false) return;
        if (!reading.Plain) reading.Error(user, "passwordlessSudo", "`user.passwordlessSudo: false` requires `plain: true`");
        else reading.Warn(user, "passwordlessSudo", "`user.passwordlessSudo: false` is experimental");
    }

    private static string? NameProblem(string name) => name switch
    {
        "" => "must not be empty",
        "root" => "must not be `root`",
        { Length: > 32 } => $"must not be longer than 32 characters, got `{Shown.Value(name)}`",
        _ when !UserName().IsMatch(name) => $"must be a login name (letters, digits, `.`, `_`, `@` and `-`), got `{Shown.Value(name)}`",
        _ => null,
    };

    private static void CheckHome(Reading reading, Section user)
    {
        if (user.Text("home") is not { } written) return;
        var home = UserDefaults.Home(reading, out var problem);
        if (problem.Length > 0) reading.Warn(user, "home", $"field `user.home` is left as written: {problem}");
        if (!IsPlainPath(home)) reading.Error(user, "home", $"field `user.home` must be an absolute path, got `{Shown.Value(written)}`");
    }

    private static void CheckPath(Reading reading, Section section, string key)
    {
        if (section.Text(key) is { } path && !IsPlainPath(path))
        {
            reading.Error(section, key, $"field `{section.FieldPath(key)}` must be an absolute path, got `{Shown.Value(path)}`");
        }
    }

    private static bool IsPlainPath(string path) => path.StartsWith('/') && !path.Any(c => char.IsControl(c) || c == ':');

    private static void CheckDns(Reading reading)
    {
        var servers = reading.Root.Nodes("dns");
        for (var i = 0; i < servers.Length; i++)
        {
            if (servers[i] is YamlScalar server && !IsAddress(server.Value))
            {
                reading.Problems.Error(server.At, $"dns[{i}]",
                    $"field `dns[{i}]` must be an IP address, got `{Shown.Value(server.Value)}`");
            }
        }

        if (servers.Length > 0 && reading.Root.Map("hostResolver").Bool("enabled") != false)
        {
            reading.Error(reading.Root, "dns",
                "field `dns` must be empty when field `HostResolver.Enabled` is true; set `hostResolver.enabled: false` as well");
        }
    }

    // The framework also takes "1" and "1.2" for addresses.
    private static bool IsAddress(string text) =>
        System.Net.IPAddress.TryParse(text, out _) && !text.Contains('[') && (text.Contains(':') || text.Count(c => c == '.') == 3);

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.@-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserName();
}
