namespace Lima.Templates.Locators;

/// <summary>Rules for naming one template or script from another.</summary>
public static class RelativeLocator
{
    /// <summary>The absolute form of a locator that stands in a template.</summary>
    /// <param name="locator">As written there.</param>
    /// <param name="source">Locator of that template, absolute; <c>-</c> for standard input.</param>
    /// <param name="home">The user's home, for <c>~</c>; empty leaves it in place.</param>
    /// <exception cref="LocatorException">It is empty, climbs out of the template's directory, or has nothing to be relative to.</exception>
    public static string Resolve(string locator, string source, string home = "")
    {
        if (locator.Length == 0) throw new LocatorException("the locator is empty");
        var parsed = Locator.Parse(locator);
        if (parsed.Kind == LocatorKind.Template && Climbs(parsed.Rest)) throw new LocatorException($"`{Yaml.Shown.Value(locator)}` must not contain '..'");
        if (parsed.Kind == LocatorKind.StandardInput) throw new LocatorException("`-` cannot be named by a template: STDIN is read once, by the command");
        if (parsed.Scheme.Length > 0) return parsed.Canonical;
        if (locator == "~" || locator.StartsWith("~/", StringComparison.Ordinal)) return home.Length == 0 ? locator : home.TrimEnd('/') + locator[1..];
        if (locator[0] == '/') return Clean(locator);
        if (Climbs(locator)) throw new LocatorException($"`{Yaml.Shown.Value(locator)}` must not contain '..' or a backslash");
        return Join(locator, source);
    }

    private static string Join(string locator, string source)
    {
        if (source is "" or "-")
            throw new LocatorException($"`{Yaml.Shown.Value(locator)}` is relative, and a template from STDIN has no place that it could be relative to");
        var from = Locator.Parse(source);
        return from.Kind switch
        {
            LocatorKind.GitHub => GitHubPlace.Parse(from.Rest).Beside(locator),
            LocatorKind.Web => WebBeside(locator, from.Text),
            LocatorKind.File or LocatorKind.Image when from.Scheme.Length == 0 => Clean(Directory(source) + locator),
            LocatorKind.File => "file://" + Clean(Directory(from.Rest) + locator),
            _ => from.Scheme + ":" + Clean(Directory(from.Rest) + locator),
        };
    }

    /// <summary>The query of an address belongs to the template alone.</summary>
    private static string WebBeside(string locator, string address)
    {
        var path = address.Split('?', '#')[0];
        var authority = path.IndexOf("://", StringComparison.Ordinal) + 3;
        var root = path.IndexOf('/', authority);
        return root < 0 ? $"{path}/{Clean(locator)}" : path[..root] + Clean(Directory(path[root..]) + locator);
    }

    private static bool Climbs(string path) => path.Contains('\\') || path.Split('/').Contains("..");

    private static string Directory(string path) => path[..(path.LastIndexOf('/') + 1)];

    /// <summary>A path without empty and <c>.</c> parts; an absolute one loses its <c>..</c> too.</summary>
    internal static string Clean(string path)
    {
        var parts = new List<string>();
        var absolute = path.StartsWith('/');
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0 && parts[^1] != "..") parts.RemoveAt(parts.Count - 1);
            else if (!absolute) parts.Add(part);
        }

        return (absolute ? "/" : "") + string.Join('/', parts);
    }
}
