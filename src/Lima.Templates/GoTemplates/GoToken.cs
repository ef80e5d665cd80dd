namespace Lima.Templates.GoTemplates;

/// <summary>Kinds of tokens of a template.</summary>
internal enum GoTokenKind
{
    Error,
    EndOfText,
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    Keyword,
    Identifier,
    Field,
    Variable,
    Dot,
    Bool,
    Nil,
    Number,
    CharConstant,
    String,
    RawString,
    Pipe,
    LeftParen,
    RightParen,
    Declare,
    Assign,
    Other,
}

/// <summary>A token: its text as written (of an error: the problem), and the index of its first character.</summary>
internal readonly record struct GoToken(GoTokenKind Kind, string Text, int Start)
{
    /// <summary>The token the way messages show it.</summary>
    public override string ToString() => Kind switch
    {
        GoTokenKind.EndOfText => "EOF",
        GoTokenKind.Error => Text,
        GoTokenKind.Keyword or GoTokenKind.Dot or GoTokenKind.Nil => $"<{Text}>",
        _ when Text.Length > 10 => GoQuote.Quote(Text[..10]) + "...",
        _ => GoQuote.Quote(Text),
    };

    public bool Is(string keyword) => Kind == GoTokenKind.Keyword && Text == keyword;
}
