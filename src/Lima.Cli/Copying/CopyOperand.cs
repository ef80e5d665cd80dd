namespace Lima.Cli.Copying;

/// <summary>A source or the target of a copy.</summary>
/// <param name="Instance">Where it is; null on this machine.</param>
/// <param name="Path">Path there; relative ones start at the guest's home, or at the current directory here.</param>
internal sealed record CopyOperand(string? Instance, string Path)
{
    /// <summary>
    /// Divides <c>INSTANCE:PATH</c> at the first colon. What has a slash before it is a path of this machine: no instance has
    /// a name like that.
    /// </summary>
    public static CopyOperand Parse(string text)
    {
        var colon = text.IndexOf(':');
        return colon < 0 || text.AsSpan(0, colon).Contains('/') ? new CopyOperand(null, text) : new CopyOperand(text[..colon], FromHome(text[(colon + 1)..]));
    }

    /// <summary>Whether the guest is to find files by a pattern.</summary>
    public bool IsPattern => Instance is not null && Path.AsSpan().IndexOfAny('*', '?', '[') >= 0;

    // A login starts at the home, so `~` needs nobody to expand it.
    private static string FromHome(string path) =>
        path == "~" ? "" : path.StartsWith("~/", StringComparison.Ordinal) ? path[2..].TrimStart('/') : path;
}
