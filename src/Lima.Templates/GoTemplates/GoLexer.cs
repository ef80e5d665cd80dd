using System.Globalization;

namespace Lima.Templates.GoTemplates;

/// <summary>Cuts a template into tokens, one at a time. After an error it gives nothing but that error.</summary>
internal sealed class GoLexer(string text)
{
    private static readonly HashSet<string> Keywords = new(
        ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"], StringComparer.Ordinal);

    private int _at;
    private bool _inAction;
    private int _parens;
    private GoToken? _failed;

    public GoToken Next()
    {
        if (_failed is { } failed) return failed;
        var token = _inAction ? InAction() : OutsideAction();
        if (token.Kind == GoTokenKind.Error) _failed = token;
        return token;
    }

    private GoToken OutsideAction()
    {
        while (true)
        {
            var start = _at;
            var open = text.IndexOf("{{", _at, StringComparison.Ordinal);
            if (open < 0)
            {
                _at = text.Length;
                return start < _at ? new(GoTokenKind.Text, text[start..], start) : new(GoTokenKind.EndOfText, "", start);
            }

            var trim = open + 3 < text.Length && text[open + 2] == '-' && IsSpace(text[open + 3]);
            var end = open;
            if (trim)
            {
                while (end > start && IsSpace(text[end - 1])) end--;
            }

            if (end > start)
            {
                _at = open;
                return new(GoTokenKind.Text, text[start..end], start);
            }

            _at = open + (trim ? 3 : 2);
            var afterMark = trim ? _at + 1 : _at;
            if (string.CompareOrdinal(text, afterMark, "/*", 0, 2) != 0)
            {
                _inAction = true;
                _parens = 0;
                return new(GoTokenKind.LeftDelimiter, "{{", open);
            }

            if (SkipComment(afterMark) is { } problem) return new(GoTokenKind.Error, problem, open);
        }
    }

    /// <summary>Skips a comment up to the text after its action; a problem when it has no end.</summary>
    private string? SkipComment(int start)
    {
        var end = text.IndexOf("*/", start + 2, StringComparison.Ordinal);
        if (end < 0) return "unclosed comment";
        _at = end + 2;
        if (!RightDelimiter(out var length, out var trim)) return "comment ends before closing delimiter";
        Close(length, trim);
        return null;
    }

    private bool RightDelimiter(out int length, out bool trim)
    {
        trim = _at + 1 < text.Length && IsSpace(text[_at]) && text[_at + 1] == '-' && IsAt("}}", _at + 2);
        length = trim ? 4 : 2;
        return trim || IsAt("}}", _at);
    }

    private void Close(int length, bool trim)
    {
        _at += length;
        _inAction = false;
        if (!trim) return;
        while (_at < text.Length && IsSpace(text[_at])) _at++;
    }

    private bool IsAt(string what, int index) => string.CompareOrdinal(text, index, what, 0, what.Length) == 0;

    private GoToken InAction()
    {
        var start = _at;
        if (RightDelimiter(out var length, out var trim))
        {
            if (_parens > 0) return Failed("unclosed left paren", start);
            Close(length, trim);
            return new(GoTokenKind.RightDelimiter, "}}", start);
        }

        if (_at >= text.Length) return Failed("unclosed action", start);
        var c = text[_at++];
        switch (c)
        {
            case ' ' or '\t' or '\r' or '\n':
                while (_at < text.Length && IsSpace(text[_at]) && !RightDelimiter(out _, out _)) _at++;
                return Token(GoTokenKind.Space, start);
            case '=':
                return Token(GoTokenKind.Assign, start);
            case ':':
                return _at < text.Length && text[_at++] == '=' ? Token(GoTokenKind.Declare, start) : Failed("expected :=", start);
            case '|':
                return Token(GoTokenKind.Pipe, start);
            case '"':
                return Quoted('"', GoTokenKind.String, "unterminated quoted string", start);
            case '\'':
                return Quoted('\'', GoTokenKind.CharConstant, "unterminated character constant", start);
            case '`':
                return RawString(start);
            case '$':
                return Word(GoTokenKind.Variable, start);
            case '.' when _at >= text.Length || !char.IsAsciiDigit(text[_at]):
                return Word(GoTokenKind.Field, start);
            case '.' or '+' or '-' or (>= '0' and <= '9'):
                return Number(start);
            case '(':
                _parens++;
                return Token(GoTokenKind.LeftParen, start);
            case ')':
                return --_parens < 0 ? Failed("unexpected right paren", start) : Token(GoTokenKind.RightParen, start);
        }

        if (WordLength(start) > 0)
        {
            _at = start;
            return Word(GoTokenKind.Identifier, start);
        }

        return c is > ' ' and < '\x7f' ? Token(GoTokenKind.Other, start) : Failed("unrecognized character in action: " + Named(start), start);
    }

    private GoToken Token(GoTokenKind kind, int start) => new(kind, text[start.._at], start);

    private static GoToken Failed(string problem, int start) => new(GoTokenKind.Error, problem, start);

    private GoToken Quoted(char quote, GoTokenKind kind, string problem, int start)
    {
        for (; _at < text.Length && text[_at] != '\n'; _at++)
        {
            if (text[_at] == quote)
            {
                _at++;
                return Token(kind, start);
            }

            if (text[_at] != '\\') continue;
            _at++;
            if (_at >= text.Length || text[_at] == '\n') break;
        }

        return Failed(problem, start);
    }

    private GoToken RawString(int start)
    {
        var end = text.IndexOf('`', _at);
        if (end < 0) return Failed("unterminated raw quoted string", start);
        _at = end + 1;
        return Token(GoTokenKind.RawString, start);
    }

    /// <summary>A word, after its <c>.</c> or <c>$</c> if it has one.</summary>
    private GoToken Word(GoTokenKind kind, int start)
    {
        for (int length; (length = WordLength(_at)) > 0;) _at += length;
        if (!EndsWord()) return Failed("bad character " + Named(_at), start);
        var word = Token(kind, start);
        return word.Text switch
        {
            "." => word with { Kind = GoTokenKind.Dot },
            "nil" => word with { Kind = GoTokenKind.Nil },
            "true" or "false" => word with { Kind = GoTokenKind.Bool },
            var name when Keywords.Contains(name) => word with { Kind = GoTokenKind.Keyword },
            _ => word,
        };
    }

    /// <summary>Numbers are cut out generously; whether one is a number is seen when it is read.</summary>
    private GoToken Number(int start)
    {
        _at = start;
        if (text[_at] is '+' or '-') _at++;
        var (digits, exponent) = ("0123456789_", "eE");
        if (_at < text.Length && text[_at] == '0')
        {
            _at++;
            if (Accept("xX")) (digits, exponent) = ("0123456789abcdefABCDEF_", "pP");
            else if (Accept("oO")) digits = "01234567_";
            else if (Accept("bB")) digits = "01_";
        }

        AcceptAll(digits);
        if (Accept(".")) AcceptAll(digits);
        if (Accept(exponent))
        {
            Accept("+-");
            AcceptAll("0123456789_");
        }

        if (Accept("i")) return Failed("a complex number is not supported: " + GoQuote.Quote(text[start.._at]), start);
        var more = WordLength(_at);
        return more == 0 ? Token(GoTokenKind.Number, start) : Failed("bad number syntax: " + GoQuote.Quote(text[start..(_at + more)]), start);
    }

    private bool Accept(string any)
    {
        if (_at >= text.Length || !any.Contains(text[_at])) return false;
        _at++;
        return true;
    }

    private void AcceptAll(string any)
    {
        while (Accept(any))
        {
        }
    }

    private bool EndsWord() => _at >= text.Length || IsSpace(text[_at]) || text[_at] is '.' or ',' or '|' or ':' or ')' or '(' || IsAt("}}", _at);

    /// <summary>Characters of the letter or digit at an index; 0 when there is none.</summary>
    private int WordLength(int index)
    {
        if (index >= text.Length) return 0;
        var pair = index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]);
        return text[index] == '_' || CharUnicodeInfo.GetUnicodeCategory(text, index)
            is <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber ? (pair ? 2 : 1) : 0;
    }

    private string Named(int index)
    {
        if (index >= text.Length) return "at the end";
        var pair = index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]);
        var code = pair ? char.ConvertToUtf32(text[index], text[index + 1]) : text[index];
        var shown = text.Substring(index, pair ? 2 : 1);
        return GoQuote.IsPrintable(code) ? $"U+{code:X4} '{shown}'" : $"U+{code:X4}";
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}
