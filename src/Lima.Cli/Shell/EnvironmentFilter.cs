namespace Lima.Cli.Shell;

/// <summary>Which variables of the host go into the guest with <c>--preserve-env</c>.</summary>
internal sealed class EnvironmentFilter
{
    /// <summary>Variables that make no sense on another machine.</summary>
    public static IReadOnlyList<string> DefaultBlock { get; } =
    [
        "BASH*", "DISPLAY", "DYLD_*", "EUID", "FPATH", "GID", "GROUP", "HOME", "HOSTNAME", "LD_*", "LOGNAME", "OLDPWD", "PATH", "PWD",
        "SHELL", "SHLVL", "SSH_*", "TERM", "TERMINFO", "TMPDIR", "UID", "USER", "XAUTHORITY", "XDG_*", "ZDOTDIR", "ZSH*", "_*",
    ];

    private readonly IReadOnlyList<string> _allow;

    /// <summary>
    /// Takes <c>LIMA_SHELLENV_BLOCK</c> (which replaces the default list, or extends it when it begins with <c>+</c>) and
    /// <c>LIMA_SHELLENV_ALLOW</c>.
    /// </summary>
    /// <exception cref="CliException">A pattern has a character other than letters, digits, <c>_</c> and <c>*</c>.</exception>
    public EnvironmentFilter(string? block, string? allow)
    {
        block = block?.Trim() ?? "";
        Block = block.Length == 0 ? DefaultBlock : block[0] == '+' ? [.. DefaultBlock, .. Patterns(block[1..])] : Patterns(block);
        _allow = Patterns(allow ?? "");
    }

    /// <summary>The patterns in force.</summary>
    public IReadOnlyList<string> Block { get; }

    /// <summary>The variables that pass, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Apply(IEnumerable<KeyValuePair<string, string>> environment) =>
        environment
            .Where(pair => ShellQuote.IsAssignment(pair.Key + "="))
            .Where(pair => _allow.Any(pattern => Matches(pattern, pair.Key)) || !Block.Any(pattern => Matches(pattern, pair.Key)))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .ToList();

    private static List<string> Patterns(string list)
    {
        var patterns = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var pattern in patterns)
        {
            var wrong = pattern.AsSpan().IndexOfAnyExcept(Allowed);
            if (wrong >= 0) throw new CliException($"pattern `{pattern}` contains invalid character `{pattern[wrong]}` at position {wrong}");
        }

        return patterns;
    }

    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_*");

    // Greedy match with one point to go back to: linear enough for any pattern.
    private static bool Matches(string pattern, string name)
    {
        int p = 0, n = 0, star = -1, from = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                from = n;
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++from;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
