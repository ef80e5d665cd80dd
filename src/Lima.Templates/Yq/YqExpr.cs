using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>A part of a parsed expression.</summary>
/// <param name="Op">What it does.</param>
/// <param name="Text">Its word: a key, a text, the name of a variable or format, flags.</param>
/// <param name="Left">Left operand.</param>
/// <param name="Right">Right operand, or a function's argument.</param>
internal sealed record YqExpr(YqOp Op, string Text = "", YqExpr? Left = null, YqExpr? Right = null)
{
    /// <summary>The value of a literal; the node that a reference stands for.</summary>
    public DocNode? Value { get; init; }

    /// <summary>A number in brackets: depth of flatten, levels of parent, indent of an encoder.</summary>
    public int Number { get; init; }

    /// <summary>Whether what cannot be followed is passed over in silence (<c>?</c>); of an assignment, whether it is relative (<c>|=</c>).</summary>
    public bool Flag { get; init; }
}
