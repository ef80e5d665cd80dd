namespace Lima.Cli.Syncing;

/// <summary>Which directories may be synced, and where they are in the guest.</summary>
internal static class SyncRules
{
    /// <summary>A home directory is too much to be replaced by mistake: only what lies below one may be synced.</summary>
    public const int DepthMin = 4;

    /// <summary>Components of an absolute path, the root among them: 3 for <c>/home/jan</c>.</summary>
    public static int Depth(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Length + 1;

    /// <summary>Refuses a directory that is too near to the root.</summary>
    /// <exception cref="CliException">It is.</exception>
    public static void CheckDepth(string path)
    {
        if (Depth(path) is var depth and < DepthMin)
            throw new CliException($"expected the depth of the host working directory (`{path}`) to be at least {DepthMin}, only got {depth}", "cd to a deeper directory");
    }

    /// <summary>Path of the guest's copy, relative to the home there.</summary>
    public static string GuestPath(string path) => path.Trim('/');
}
