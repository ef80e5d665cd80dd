namespace Lima.Templates.Yaml;

/// <summary>Bounds on texts that people did not necessarily write themselves.</summary>
internal static class YamlLimits
{
    /// <summary>Longest text in bytes of UTF-8; Lima's own limit.</summary>
    public const int BytesMax = 4 << 20;

    /// <summary>Deepest nesting, aliases followed. The deepest field of a template is at level 6.</summary>
    public const int DepthMax = 64;

    /// <summary>Most nodes of a text, aliases followed: what makes "billion laughs" small.</summary>
    public const int NodesMax = 250_000;
}
