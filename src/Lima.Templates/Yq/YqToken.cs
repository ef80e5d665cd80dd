namespace Lima.Templates.Yq;

/// <summary>Kinds of tokens.</summary>
internal enum YqTokenKind
{
    Word, Number, Text, Path, Variable, Symbol, End,
}

/// <summary>A token of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text without quotes, dots and dollar signs.</param>
/// <param name="Index">Where it starts.</param>
/// <param name="Flag">Whether a <c>?</c> follows.</param>
internal readonly record struct YqToken(YqTokenKind Kind, string Text, int Index, bool Flag = false)
{
    /// <summary>Text in round brackets right after a word that takes plain text there.</summary>
    public string Argument { get; init; } = "";

    public bool Is(string symbol) => Kind == YqTokenKind.Symbol && Text == symbol;
}
