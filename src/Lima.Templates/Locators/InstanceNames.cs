using Lima.Domain.Vms;

namespace Lima.Templates.Locators;

/// <summary>The name that an instance gets when the user names none.</summary>
public static class InstanceNames
{
    /// <summary>Takes the last part of a locator, without <c>.yaml</c>, in lower case.</summary>
    /// <param name="locator">Any locator; one that a plugin or GitHub resolves may be given before or after that.</param>
    /// <param name="hostArch">Architecture of the host, which is left out of names made from images.</param>
    /// <param name="problem">Why no name can be made, as a sentence.</param>
    /// <returns>A valid name, or null.</returns>
    public static string? From(string locator, string hostArch, out string problem)
    {
        var parsed = Locator.Parse(locator);
        var name = parsed.Kind switch
        {
            LocatorKind.StandardInput => "",
            LocatorKind.Image => ImageLocator.Name(locator, ImageLocator.Template(locator, hostArch).Arch, hostArch),
            LocatorKind.Web => Last(parsed.Rest.Split('?', '#')[0]),
            LocatorKind.GitHub => FromGitHub(parsed),
            _ => Last(parsed.Rest),
        };
        problem = "";
        if (VmName.TryParse(name, out _, out var why)) return name;
        problem = parsed.Kind == LocatorKind.StandardInput
            ? "a template from standard input has no name"
            : $"the name of `{Yaml.Shown.Value(locator)}` is none for an instance: {why}";
        return null;
    }

    /// <summary>A repository's own <c>.lima.yaml</c> is best known by the directory or repository that it is in.</summary>
    private static string FromGitHub(Locator locator)
    {
        try
        {
            var place = GitHubPlace.Parse(locator.Rest);
            var path = $"{place.Org}/{place.Repo}/{place.Path}";
            return Last(path.EndsWith("/" + GitHubPlace.DefaultFile, StringComparison.Ordinal) ? path[..^(GitHubPlace.DefaultFile.Length + 1)] : path);
        }
        catch (LocatorException)
        {
            return "";
        }
    }

    private static string Last(string path)
    {
        var name = path.TrimEnd('/');
        name = name[(name.LastIndexOf('/') + 1)..].ToLowerInvariant();
        foreach (var extension in new[] { ".yml", ".yaml" })
            if (name.EndsWith(extension, StringComparison.Ordinal)) name = name[..^extension.Length];
        return name;
    }
}
