using System.Text.RegularExpressions;
using Lima.Domain.Specs;
using Lima.Templates.Expressions;
using Lima.Templates.Validation;

namespace Lima.Templates.Defaults;

/// <summary>The guest's user: after the user of the host, unless that is no name or id for a guest.</summary>
internal static partial class UserDefaults
{
    private const string FallbackName = "lima";
    private const int FallbackUid = 1000;
    private const string DefaultShell = "/bin/bash";

    public static UserSpec Fill(Reading reading)
    {
        var user = reading.Root.Map("user");
        var comment = user.Text("comment") ?? reading.Host.UserComment;
        return new UserSpec(
            Name(reading),
            string.Concat(comment.Where(c => !char.IsControl(c))),
            Home(reading, out _),
            user.Text("shell") ?? DefaultShell,
            (int)Uid(reading),
            user.Bool("passwordlessSudo") ?? true);
    }

    public static string Name(Reading reading) => reading.Root.Map("user").Text("name") ?? HostName(reading);

    public static long Uid(Reading reading) => reading.Root.Map("user").Integer("uid") ?? (reading.Host.Uid > 0 ? reading.Host.Uid : FallbackUid);

    /// <summary>The home directory with its variables expanded; as written, and a problem, when it cannot be expanded.</summary>
    public static string Home(Reading reading, out string problem)
    {
        var usual = IsOlderThan(reading, new LimaVersion(2, 1, 0)) ? "/home/{{.User}}.linux" : "/home/{{.User}}.guest";
        var home = reading.Root.Map("user").Text("home") ?? usual;
        return GuestTemplate.Expand(home, TemplateVariables.WithoutHome(reading, Name(reading), Uid(reading)), out problem) ?? home;
    }

    private static string HostName(Reading reading)
    {
        var name = reading.Host.UserName;
        if (name is "" or "root" || !GuestName().IsMatch(name)) return FallbackName;

        // Ubuntu's images have a group of this name; instances from before Lima 1.0 were made with it all the same.
        return name == "admin" && !IsOlderThan(reading, new LimaVersion(1, 0, 0)) ? FallbackName : name;
    }

    /// <summary>Whether the instance was made by a Lima older than a version; one without a record of its maker is old.</summary>
    private static bool IsOlderThan(Reading reading, LimaVersion version) => reading.Instance.CreatedBy is { } text
        && (text.Trim().Length == 0 || (LimaVersion.Parse(text.Trim()) is { } made && made.CompareTo(version) < 0));

    [GeneratedRegex(@"^[a-z_][a-z0-9_-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex GuestName();
}
