namespace Lima.Templates.Documents;

/// <summary>What a <see cref="DocNode"/> is.</summary>
public enum DocKind
{
    /// <summary>One value.</summary>
    Scalar,

    /// <summary>A list.</summary>
    Sequence,

    /// <summary>A map; its content is keys and values in turn.</summary>
    Mapping,

    /// <summary>A reference to an anchored node.</summary>
    Alias,
}
