namespace Lima.Cli.Yq;

/// <summary>A command line of <c>yq</c>.</summary>
internal sealed record YqOptions
{
    /// <summary>All inputs are evaluated at once (<c>eval-all</c>).</summary>
    public bool Together { get; init; }

    public bool NullInput { get; set; }

    public bool InPlace { get; set; }

    public bool Pretty { get; set; }

    public bool ExitStatus { get; set; }

    public bool NoSeparators { get; set; }

    public bool CompactLists { get; set; }

    public bool NulOutput { get; set; }

    public bool Help { get; set; }

    public bool Version { get; set; }

    public bool DisableEnvironment { get; set; }

    public bool DisableFiles { get; set; }

    /// <summary>Whether scalars lose their quotes; null for what the format usually does.</summary>
    public bool? Unwrap { get; set; }

    public int Indent { get; set; } = 2;

    public string Input { get; set; } = "auto";

    public string Output { get; set; } = "auto";

    public string? Expression { get; set; }

    public string? ExpressionFile { get; set; }

    /// <summary>Words that are no flags.</summary>
    public List<string> Words { get; } = [];
}
