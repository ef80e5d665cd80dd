namespace Lima.Templates.Locators;

/// <summary>A file in a repository on GitHub.</summary>
/// <param name="Org">Owner of the repository.</param>
/// <param name="Repo">The repository; the same as the owner for what Lima calls an org repository.</param>
/// <param name="Path">Path of the file in it.</param>
/// <param name="Ref">Branch, tag or commit; empty for the default branch.</param>
public sealed record GitHubPlace(string Org, string Repo, string Path, string Ref)
{
    /// <summary>The file that a directory or a whole repository stands for.</summary>
    public const string DefaultFile = ".lima.yaml";

    /// <summary>Whether the repository may speak for its owner: redirect to other repositories and pass references on.</summary>
    public bool IsOrgRepository => Org == Repo;

    /// <summary>Whether the file may stand for another one; scripts and the like never do.</summary>
    public bool MayBeLink => Path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || Path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>ORG[/REPO][/PATH][@REF]</c>.</summary>
    /// <exception cref="LocatorException">There is no owner, or a part climbs out of the repository.</exception>
    public static GitHubPlace Parse(string text)
    {
        var at = text.IndexOf('@');
        var (input, reference) = at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
        var parts = input.Split('/', 3);
        var org = parts[0];
        if (org.Length == 0) throw new LocatorException("github: URL must contain at least an ORG, got ``", "write github:ORG/REPO/PATH");
        var repo = parts.Length > 1 && parts[1].Length > 0 ? parts[1] : org;
        var path = parts.Length > 2 ? parts[2] : "";

        // A `..` would be folded by the server, and the request would end in a repository of somebody else.
        if (org == ".." || repo == "..") throw new LocatorException($"repo `{repo}` in github: URL `{input}` escapes the org");
        if (Escapes(path)) throw new LocatorException($"path `{path}` in github: URL `{input}` escapes the repository");
        if (Escapes(reference)) throw new LocatorException($"branch `{reference}` in github: URL `{input}` escapes the repository");
        return new GitHubPlace(org, repo, RelativeLocator.Clean(FullPath(path)), reference);
    }

    /// <summary>A file relative to this one, as a locator.</summary>
    public string Beside(string locator)
    {
        var path = RelativeLocator.Clean(Path[..(Path.LastIndexOf('/') + 1)] + locator);
        return $"github:{Org}/{Repo}/{path}{(Ref.Length > 0 ? "@" + Ref : "")}";
    }

    /// <summary>The file that this one names by its content, as a symbolic link does.</summary>
    /// <exception cref="LocatorException">It lies outside of the repository.</exception>
    public GitHubPlace Follow(string target)
    {
        var path = RelativeLocator.Clean(Path[..(Path.LastIndexOf('/') + 1)] + target);
        if (Escapes(path)) throw new LocatorException($"symlink target `{target}` in `{Path}` escapes the repository");
        return this with { Path = path };
    }

    private static string FullPath(string path)
    {
        if (path.Length == 0) return DefaultFile;
        if (path.EndsWith('/')) path += DefaultFile;
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.IndexOf('.', 1) < 0 ? path + ".yaml" : path;
    }

    private static bool Escapes(string path) =>
        RelativeLocator.Clean(path.TrimStart('/')) is var clean && (clean == ".." || clean.StartsWith("../", StringComparison.Ordinal));
}
