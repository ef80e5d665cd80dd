using System.Text;

namespace Lima.Templates.Yq;

/// <summary>Cuts an expression into tokens.</summary>
internal sealed class YqLexer
{
    // The longer ones first, since the first that fits is taken.
    private static readonly string[] Symbols =
        ["...", "..", "|=", "==", "!=", ">=", "<=", "//", "+=", "-=", ".[", "[", "]?", "]", "(", ")", "{", "}", ":", ";", ",", "|", "=", "<", ">", "+", "-", "%", "/"];

    private readonly string _text;
    private readonly List<YqToken> _tokens = [];
    private int _at;

    private YqLexer(string text) => _text = text;

    /// <summary>Tokens of a text, the last being its end.</summary>
    public static List<YqToken> Read(string text)
    {
        var lexer = new YqLexer(text);
        while (lexer.Next())
        {
            if (lexer._tokens.Count > YqLimits.TokensMax) throw new YqException($"the expression has more than {YqLimits.TokensMax} words");
        }

        lexer.Add(YqTokenKind.End, "", text.Length);
        return lexer._tokens;
    }

    /// <summary>What a text that is no token is answered with; line and column as yq counts them.</summary>
    public static YqException Invalid(string text, int index, string? why = null)
    {
        var line = text.AsSpan(0, index).Count('\n') + 1;
        var column = index - text.AsSpan(0, index).LastIndexOf('\n');
        var rest = text[index..];
        if (rest.Length > 60) rest = rest[..60] + "…";
        return new YqException($"{line}:{column}: invalid input text \"{rest}\"{(why is null ? "" : $": {why}")}");
    }

    private bool Next()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\n' or '\r') _at++;
        if (_at >= _text.Length) return false;
        var c = _text[_at];
        if (c == '#') SkipComment();
        else if (c == '"') Quoted();
        else if (c == '$') Variable();
        else if (c == '*') Star();
        else if (char.IsAsciiDigit(c) || (c == '-' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]))) Number();
        else if (char.IsAsciiLetter(c) || c is '_' or '@' or '~') Word();
        else if (c == '.' && IsPath()) Path();
        else Symbol();
        return true;
    }

    private void Add(YqTokenKind kind, string text, int index, bool flag = false, string argument = "") =>
        _tokens.Add(new YqToken(kind, text, index, flag) { Argument = argument });

    private void SkipComment()
    {
        while (_at < _text.Length && _text[_at] != '\n') _at++;
    }

    private void Quoted()
    {
        var start = _at;
        var text = new StringBuilder();
        for (_at++; _at < _text.Length && _text[_at] != '"'; _at++)
        {
            if (_text[_at] != '\\' || _at + 1 >= _text.Length) text.Append(_text[_at]);
            else if (Escape(_text[_at + 1], _at + 2 < _text.Length ? _text[_at + 2] : '\0') is { } escaped)
            {
                text.Append(escaped);
                _at++;
            }
            else text.Append('\\');
        }

        if (_at >= _text.Length) throw Invalid(_text, start, "the text in quotes has no end");
        _at++;
        Add(YqTokenKind.Text, text.ToString(), start);
    }

    /// <summary>What an escape stands for; null when the backslash stands for itself, as it does before <c>(</c>.</summary>
    private static string? Escape(char c, char after) => c switch
    {
        '\\' => after == '(' ? @"\\" : @"\",
        '"' => "\"",
        'n' => "\n",
        't' => "\t",
        'r' => "\r",
        'f' => "\f",
        'v' => "\v",
        'b' => "\b",
        'a' => "\a",
        _ => null,
    };

    private void Variable()
    {
        var start = _at++;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-')) _at++;
        if (_at == start + 1) throw Invalid(_text, start, "a variable needs a name");
        Add(YqTokenKind.Variable, _text[(start + 1).._at], start);
    }

    private void Star()
    {
        var start = _at++;
        var assign = _at < _text.Length && _text[_at] == '=';
        if (assign) _at++;
        while (_at < _text.Length && _text[_at] is '+' or '?' or 'c' or 'd' or 'n') _at++;
        Add(YqTokenKind.Symbol, assign ? "*=" : "*", start, argument: _text[(start + (assign ? 2 : 1)).._at]);
    }

    private void Number()
    {
        var start = _at++;
        if (_text[start] == '0' && _at < _text.Length && _text[_at] is 'x' or 'X')
        {
            _at++;
            while (_at < _text.Length && char.IsAsciiHexDigit(_text[_at])) _at++;
        }
        else
        {
            Digits();
            if (_at + 1 < _text.Length && _text[_at] == '.' && char.IsAsciiDigit(_text[_at + 1]))
            {
                _at++;
                Digits();
            }

            if (IsExponent())
            {
                _at += 2;
                Digits();
            }
        }

        Add(YqTokenKind.Number, _text[start.._at], start);
    }

    private bool IsExponent() => _at + 1 < _text.Length && _text[_at] is 'e' or 'E'
        && (char.IsAsciiDigit(_text[_at + 1]) || (_text[_at + 1] is '+' or '-' && _at + 2 < _text.Length && char.IsAsciiDigit(_text[_at + 2])));

    private void Digits()
    {
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
    }

    private void Word()
    {
        var start = _at++;
        if (_text[start] != '~')
        {
            while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_')) _at++;
        }

        var word = _text[start.._at];
        var argument = "";
        // Of these, what is in brackets is no expression.
        if (word is "env" or "strenv") argument = Brackets(c => c != ')') ?? throw Invalid(_text, start, $"`{word}` needs the name of a variable in brackets");
        else if (word is "envsubst") argument = Brackets(c => c is 'n' or 'e' or 'u' or 'f' or ' ' or ',') ?? "";
        else if (YqWords.All.TryGetValue(word, out var known) && known.Op is YqOp.Flatten or YqOp.Parent or YqOp.Encode) argument = Brackets(c => char.IsAsciiDigit(c) || c == '-') ?? "";
        Add(YqTokenKind.Word, word, start, argument: argument);
    }

    private string? Brackets(Func<char, bool> allowed)
    {
        if (_at >= _text.Length || _text[_at] != '(') return null;
        var end = _at + 1;
        while (end < _text.Length && allowed(_text[end])) end++;
        if (end >= _text.Length || _text[end] != ')' || end == _at + 1) return null;
        var inside = _text[(_at + 1)..end];
        _at = end + 1;
        return inside;
    }

    private bool IsPath() => _at + 1 < _text.Length && IsPathChar(_text[_at + 1]);

    private static bool IsPathChar(char c) =>
        c is not (' ' or ';' or '}' or '{' or ':' or '[' or ']' or ',' or '|' or '.' or '(' or ')' or '=' or '\n' or '\r' or '\t' or '!');

    private void Path()
    {
        var start = _at++;
        string key;
        if (_text[_at] == '"' && _text.IndexOf('"', _at + 1) is > 0 and var end)
        {
            key = _text[(_at + 1)..end];
            _at = end + 1;
            if (_at < _text.Length && _text[_at] == '?') _at++;
        }
        else
        {
            while (_at < _text.Length && IsPathChar(_text[_at])) _at++;
            key = _text[(start + 1).._at];
            if (key.EndsWith('?')) key = key[..^1];
        }

        Add(YqTokenKind.Path, key, start, _text[_at - 1] == '?');
    }

    private void Symbol()
    {
        var rest = _text.AsSpan(_at);
        foreach (var symbol in Symbols)
        {
            if (!rest.StartsWith(symbol, StringComparison.Ordinal)) continue;
            var start = _at;
            _at += symbol.Length;
            var clobber = symbol is "=" or "|=" && _at < _text.Length && _text[_at] == 'c' && !(_at + 1 < _text.Length && char.IsAsciiLetterOrDigit(_text[_at + 1]));
            if (clobber) _at++;
            Add(YqTokenKind.Symbol, symbol, start, clobber);
            return;
        }

        if (_text[_at] != '.') throw Invalid(_text, _at);
        Add(YqTokenKind.Symbol, ".", _at++);
    }
}
