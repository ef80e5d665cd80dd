namespace Lima.Templates.Defaults;

/// <summary>Paths of the host, as texts: nothing is looked up.</summary>
internal static class HostPath
{
    /// <summary>The shortest path of the same meaning: no doubled slashes, no <c>.</c>, no <c>..</c> that has something before it.</summary>
    public static string Clean(string path)
    {
        var rooted = path.StartsWith('/');
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0 && parts[^1] != "..") parts.RemoveAt(parts.Count - 1);
            else if (!rooted) parts.Add(part);
        }

        var clean = string.Join('/', parts);
        return rooted ? "/" + clean : clean.Length == 0 ? "." : clean;
    }

    /// <summary>A path with the user's home directory in place of a leading <c>~</c>.</summary>
    public static string Expand(string path, string home) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Clean(home + path[1..]) : path;
}
