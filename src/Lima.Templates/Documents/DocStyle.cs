namespace Lima.Templates.Documents;

/// <summary>How a node is written. Without any: plain for scalars, block for collections.</summary>
[Flags]
public enum DocStyle
{
    /// <summary>Plain, or block.</summary>
    None = 0,

    /// <summary>With its tag.</summary>
    Tagged = 1,

    /// <summary>In double quotes.</summary>
    DoubleQuoted = 2,

    /// <summary>In single quotes.</summary>
    SingleQuoted = 4,

    /// <summary>As a literal block (<c>|</c>).</summary>
    Literal = 8,

    /// <summary>As a folded block (<c>&gt;</c>).</summary>
    Folded = 16,

    /// <summary>In brackets or braces.</summary>
    Flow = 32,
}
