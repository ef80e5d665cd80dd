using System.Text.RegularExpressions;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>The guest's user.</summary>
internal static partial class UserRules
{
    private static readonly string[] WindowsShells = ["cmd.exe", "powershell.exe", "pwsh.exe"];

    public static void Check(Reading reading)
    {
        var user = reading.Root.Map("user");
        if (user.Text("name") is { } name && NameProblem(name) is { } problem) reading.Error(user, "name", $"field `user.name` {problem}");
        if (user.Integer("uid") is { } uid and (<= 0 or > int.MaxValue))
        {
            reading.Error(user, "uid", uid == 0 ? "field `user.uid` must not be 0" : $"field `user.uid` must be a user id, got {uid}");
        }

        CheckShell(reading, user);
        if (user.Text("home") is { } home && !IsPlainPath(home))
        {
            reading.Error(user, "home", $"field `user.home` must be an absolute path, got `{Shown.Value(home)}`");
        }
    }

    /// <summary>Who may become root, and by what.</summary>
    public static void CheckSudo(Reading reading)
    {
        var user = reading.Root.Map("user");
        switch (reading.Os, user.Bool("passwordlessSudo"))
        {
            case ("Darwin", true):
                reading.Error(user, "passwordlessSudo", "`user.passwordlessSudo: true` is not supported on macOS guests");
                break;
            case (not "Darwin", false) when !reading.Plain:
                reading.Error(user, "passwordlessSudo", "`user.passwordlessSudo: false` requires `plain: true`");
                break;
        }

        if (reading.VmType == "wsl2" && user.Bool("passwordlessSudo") == false)
        {
            reading.Error(user, "passwordlessSudo", "`user.passwordlessSudo: false` is not supported on WSL2 guest");
        }
    }

    private static void CheckShell(Reading reading, Section user)
    {
        if (user.Text("shell") is not { } shell) return;
        if (reading.Os != "Windows")
        {
            if (!IsPlainPath(shell)) reading.Error(user, "shell", $"field `user.shell` must be an absolute path, got `{Shown.Value(shell)}`");
        }
        else if (!WindowsShells.Contains(shell[(shell.LastIndexOfAny(['/', '\\']) + 1)..], StringComparer.OrdinalIgnoreCase))
        {
            reading.Error(user, "shell",
                $"field `user.shell` must be one of [{string.Join(' ', WindowsShells)}] for Windows guest, got `{Shown.Value(shell)}`");
        }
    }

    private static string? NameProblem(string name) => name switch
    {
        "" => "must not be empty",
        "root" => "must not be `root`",
        { Length: > 32 } => $"must not be longer than 32 characters, got `{Shown.Value(name)}`",
        _ when !UserName().IsMatch(name) => $"must be a login name (letters, digits, `.`, `_`, `@` and `-`), got `{Shown.Value(name)}`",
        _ => null,
    };

    // A colon would end the field of the guest's list of users.
    private static bool IsPlainPath(string path) => path.StartsWith('/') && !path.Any(c => char.IsControl(c) || c == ':');

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.@-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserName();
}
