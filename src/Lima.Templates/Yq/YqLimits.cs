namespace Lima.Templates.Yq;

/// <summary>Bounds on expressions, which may come with a template that somebody else wrote.</summary>
internal static class YqLimits
{
    /// <summary>Longest expression in characters.</summary>
    public const int TextMax = 1 << 20;

    /// <summary>Most tokens of an expression.</summary>
    public const int TokensMax = 100_000;

    /// <summary>Deepest nesting of an expression, and of expressions that evaluate others.</summary>
    public const int DepthMax = 400;

    /// <summary>Most evaluations of a part of an expression against one node.</summary>
    public const int StepsMax = 5_000_000;

    /// <summary>Most comparisons of keys, values or characters with a pattern.</summary>
    public const int ScansMax = 100_000_000;

    /// <summary>Most nodes made by one evaluation.</summary>
    public const int NodesMax = 1_000_000;

    /// <summary>Most characters of texts made by one evaluation, and of what is written.</summary>
    public const int CharsMax = 64 << 20;

    /// <summary>Deepest nesting of a result.</summary>
    public const int ResultDepthMax = 128;
}
