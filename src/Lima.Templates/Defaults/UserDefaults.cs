using System.Text.RegularExpressions;
using Lima.Templates.Expressions;
using Lima.Templates.Validation;

namespace Lima.Templates.Defaults;

/// <summary>The guest's user: after the user of the host, unless that is no name or id for a guest.</summary>
internal static partial class UserDefaults
{
    private const string FallbackName = "lima";
    private const int FallbackUid = 1000;

    public static void Fill(Draft user, Filling filling)
    {
        var (host, old) = (filling.Host, filling.Instance);
        if (user["name"] is null) user.Set("name", NameOf(host, old, filling.Problems));
        user.Default("comment", string.Concat(host.UserComment.Where(c => !char.IsControl(c))));
        user.Default("home", HomeOf(filling.Os, old));
        user.Default("shell", filling.Os switch { "FreeBSD" => "/bin/sh", "Darwin" => "/bin/zsh", "Windows" => "cmd.exe", _ => "/bin/bash" });
        user.Default("uid", host.Uid > 0 ? host.Uid : FallbackUid);
        user.Default("passwordlessSudo", filling.Os != "Darwin");
        var (name, uid) = (user.Text("name")!, user.Integer("uid") ?? FallbackUid);
        filling.SetUser(name, uid, user.Text("home")!);
        filling.ExpandGuest(user, "home");
        filling.SetUser(name, uid, user.Text("home")!);
    }

    private static string NameOf(HostFacts host, InstanceFacts instance, ProblemList problems)
    {
        var name = host.UserName;
        if (name is "" or "root") return FallbackName;
        if (!GuestName().IsMatch(name))
        {
            problems.Warning("user.name", $"local username `{Yaml.Shown.Value(name)}` is not a valid Linux username; using `{FallbackName}` instead");
            return FallbackName;
        }

        // Ubuntu's images have a group of this name; instances from before Lima 1.0 were made with it all the same.
        if (name != "admin" || LimaVersion.IsOlder(instance.CreatedBy, new LimaVersion(1, 0, 0))) return name;
        problems.Warning("user.name", $"local username `{name}` is reserved; using `{FallbackName}` instead");
        return FallbackName;
    }

    private static string HomeOf(string os, InstanceFacts instance) => os switch
    {
        "Darwin" => "/Users/{{.User}}.guest",
        _ when LimaVersion.IsOlder(instance.CreatedBy, new LimaVersion(2, 1, 0)) => "/home/{{.User}}.linux",
        _ => "/home/{{.User}}.guest",
    };

    [GeneratedRegex(@"^[a-z_][a-z0-9_-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex GuestName();
}
