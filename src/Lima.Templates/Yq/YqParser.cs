using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>
/// Parses expressions by binding strengths. The strengths are yq's, and so is that operators of equal strength group to the
/// right: <c>10 - 3 - 2</c> is 9.
/// </summary>
internal sealed class YqParser
{
    private const int Path = 45;
    private const int Brackets = 50;
    private readonly string _text;
    private readonly List<YqToken> _tokens;
    private int _at;
    private int _depth;

    private YqParser(string text) => (_text, _tokens) = (text, YqLexer.Read(text));

    /// <summary>The parsed expression; the identity for an empty one.</summary>
    public static YqExpr Parse(string text)
    {
        if (text.Length > YqLimits.TextMax) throw new YqException($"the expression is longer than {YqLimits.TextMax} characters");
        var parser = new YqParser(text);
        if (parser.Current.Kind == YqTokenKind.End) return new YqExpr(YqOp.Self);
        var parsed = parser.Expression(0);
        if (parser.Current.Kind != YqTokenKind.End) throw parser.Unexpected();
        return parsed;
    }

    private YqToken Current => _tokens[_at];

    private YqToken Take() => _tokens[_at++];

    private YqExpr Expression(int strength)
    {
        if (++_depth > YqLimits.DepthMax) throw new YqException($"the expression is nested deeper than {YqLimits.DepthMax} levels");
        var left = Operand();
        while (Infix(left, strength) is { } whole) left = whole;
        _depth--;
        return left;
    }

    private YqExpr? Infix(YqExpr left, int strength)
    {
        var token = Current;
        switch (token.Kind)
        {
            case YqTokenKind.Path when Path >= strength:
                return new YqExpr(YqOp.Pipe, Left: left, Right: Expression(Path));
            case YqTokenKind.Word:
                return InfixWord(left, token, strength);
            case YqTokenKind.Symbol when token.Text is ".[" or "[":
                if (token.Is("[")) return Brackets >= strength ? Bracket(left) : null;
                return Path >= strength ? new YqExpr(YqOp.Pipe, Left: left, Right: Expression(Path)) : null;
            case YqTokenKind.Symbol when Binary(token) is { } binary && binary.Strength >= strength:
                _at++;
                return binary.Op is YqOp.Pipe or YqOp.Union ? Chain(left, token.Text, binary) : Two(binary.Op, token, left, Expression(binary.Strength));
            default:
                return null;
        }
    }

    private static YqExpr Two(YqOp op, YqToken token, YqExpr left, YqExpr right) =>
        new(op, op is YqOp.Multiply or YqOp.MultiplyAssign ? token.Argument : "", left, right) { Flag = token.Flag };

    /// <summary>A long row of pipes or commas, without a level of nesting for each.</summary>
    private YqExpr Chain(YqExpr first, string symbol, (YqOp Op, int Strength) binary)
    {
        var parts = new List<YqExpr> { first };
        do
        {
            parts.Add(Expression(binary.Strength + 1));
        }
        while (Current.Is(symbol) && _at++ >= 0);
        var whole = parts[^1];
        for (var i = parts.Count - 2; i >= 0; i--) whole = new YqExpr(binary.Op, Left: parts[i], Right: whole);
        return whole;
    }

    private static (YqOp Op, int Strength)? Binary(YqToken token) => token.Text switch
    {
        "|" => (YqOp.Pipe, 30),
        "," => (YqOp.Union, 10),
        ";" => (YqOp.Block, 9),
        ":" => (YqOp.Entry, 15),
        "=" => (YqOp.Assign, 40),
        "|=" => (YqOp.Update, 40),
        "+=" => (YqOp.AddAssign, 40),
        "-=" => (YqOp.SubtractAssign, 40),
        "*=" => (YqOp.MultiplyAssign, 42),
        "+" => (YqOp.Add, 42),
        "-" => (YqOp.Subtract, 42),
        "*" => (YqOp.Multiply, 42),
        "/" => (YqOp.Divide, 42),
        "%" => (YqOp.Modulo, 42),
        "//" => (YqOp.Alternative, 42),
        "==" => (YqOp.Equal, 40),
        "!=" => (YqOp.NotEqual, 40),
        "<" => (YqOp.Less, 40),
        "<=" => (YqOp.LessOrEqual, 40),
        ">" => (YqOp.Greater, 40),
        ">=" => (YqOp.GreaterOrEqual, 40),
        _ => null,
    };

    private YqExpr? InfixWord(YqExpr left, YqToken word, int strength)
    {
        (YqOp Op, int Strength)? infix = word.Text switch
        {
            "and" => (YqOp.And, 20),
            "or" => (YqOp.Or, 20),
            "as" => (YqOp.Bind, 40),
            "ref" => (YqOp.BindReference, 40),
            "ireduce" => (YqOp.Reduce, 35),
            _ => null,
        };
        if (infix is { } found)
        {
            if (found.Strength < strength) return null;
            _at++;
            return new YqExpr(found.Op, Left: left, Right: Expression(found.Strength));
        }

        if (Assigned(word) is not { } assigned || strength > 40) return null;
        _at++;
        var relative = Take().Text == "|=";
        return new YqExpr(assigned.Op, assigned.Text, left, Expression(40)) { Flag = relative };
    }

    /// <summary>What <c>style = …</c> and the like assign; null for other words, or where no assignment follows.</summary>
    private (YqOp Op, string Text)? Assigned(YqToken word)
    {
        if (!_tokens[_at + 1].Is("=") && !_tokens[_at + 1].Is("|=")) return null;
        if (word.Text == "comments") return (YqOp.AssignComment, "all");
        if (!YqWords.All.TryGetValue(word.Text, out var known)) return null;
        return known.Op switch
        {
            YqOp.Style => (YqOp.AssignStyle, ""),
            YqOp.Tag => (YqOp.AssignTag, ""),
            YqOp.Anchor => (YqOp.AssignAnchor, ""),
            YqOp.Alias => (YqOp.AssignAlias, ""),
            YqOp.Comment => (YqOp.AssignComment, known.Text),
            _ => null,
        };
    }

    private YqExpr Operand()
    {
        var token = Take();
        return token.Kind switch
        {
            YqTokenKind.Path => new YqExpr(YqOp.Path, token.Text) { Flag = token.Flag },
            YqTokenKind.Text => new YqExpr(YqOp.Text, token.Text),
            YqTokenKind.Variable => new YqExpr(YqOp.Variable, token.Text),
            YqTokenKind.Number => new YqExpr(YqOp.Value) { Value = DocNode.Scalar(token.Text) },
            YqTokenKind.Word => OperandWord(token),
            YqTokenKind.Symbol => OperandSymbol(token),
            _ => throw new YqException("bad expression, please check expression syntax: it ends too early"),
        };
    }

    private YqExpr OperandSymbol(YqToken token)
    {
        switch (token.Text)
        {
            case ".":
                return new YqExpr(YqOp.Self);
            case "..":
                return new YqExpr(YqOp.Descend);
            case "...":
                return new YqExpr(YqOp.DescendKeys);
            case "(":
                var inner = Expression(0);
                Close(")");
                return inner;
            case "[":
                return new YqExpr(YqOp.Collect, Right: Until("]"));
            case "{":
                return new YqExpr(YqOp.Pipe, Left: Until("}"), Right: new YqExpr(YqOp.CollectObject));
            case ".[":
                _at--;
                return Bracket(new YqExpr(YqOp.Self));
            default:
                _at--;
                throw Unexpected();
        }
    }

    private YqExpr Until(string close)
    {
        var inside = Current.Is(close) ? new YqExpr(YqOp.Nothing) : Expression(0);
        Close(close);
        return inside;
    }

    /// <summary>Indexes or a slice in brackets after a value.</summary>
    private YqExpr Bracket(YqExpr of)
    {
        _at++;
        var inside = new YqExpr(YqOp.Nothing);
        if (!Current.Is("]") && !Current.Is("]?"))
        {
            var from = Current.Is(":") ? new YqExpr(YqOp.Value) { Value = DocNode.Scalar("0") } : Expression(16);
            if (Current.Is(":"))
            {
                _at++;
                var to = Current.Is("]") ? new YqExpr(YqOp.Length) : Expression(16);
                inside = new YqExpr(YqOp.Entry, Left: from, Right: to);
            }
            else
            {
                while (Infix(inside.Op == YqOp.Nothing ? from : inside, 0) is { } more) inside = more;
                if (inside.Op == YqOp.Nothing) inside = from;
            }
        }

        var optional = Current.Is("]?");
        if (optional) _at++;
        else Close("]");
        return new YqExpr(YqOp.Index, Left: of, Right: inside) { Flag = optional };
    }

    private void Close(string symbol)
    {
        if (Current.Is(symbol) || (symbol == "]" && Current.Is("]?"))) _at++;
        else if (Current.Kind == YqTokenKind.End) throw new YqException($"bad expression, could not find matching `{symbol}`");
        else throw Unexpected();
    }

    private YqExpr OperandWord(YqToken token)
    {
        switch (token.Text.ToLowerInvariant())
        {
            case "true" or "false":
                return new YqExpr(YqOp.Value) { Value = DocNode.Scalar(token.Text, DocTags.Bool) };
            case "null" or "~":
                return new YqExpr(YqOp.Value) { Value = DocNode.Scalar(token.Text, DocTags.Null) };
        }

        if (YqWords.Refused.TryGetValue(token.Text, out var why)) throw new YqException($"the operator `{token.Text}` is not available: {why}");
        if (!YqWords.All.TryGetValue(token.Text, out var word))
        {
            // A bare key of a new map is clear enough, though yq itself wants it in quotes.
            if (Current.Is(":")) return new YqExpr(YqOp.Text, token.Text);
            throw YqLexer.Invalid(_text, token.Index, $"there is no operator `{token.Text}`");
        }

        var number = token.Argument.Length > 0 && int.TryParse(token.Argument, out var given) ? given : word.Number;
        var text = token.Argument.Length > 0 && word.Op is YqOp.Environment or YqOp.EnvironmentSubstitute ? $"{word.Text}:{token.Argument}" : word.Text;
        var argument = word.HasArgument && !(word.Op == YqOp.First && !StartsOperand(Current)) ? Expression(word.Strength) : null;
        return new YqExpr(word.Op, text, Right: argument) { Number = number };
    }

    private static bool StartsOperand(YqToken token) => token.Kind == YqTokenKind.Symbol ? token.Text == "(" : token.Kind is not (YqTokenKind.End or YqTokenKind.Path);

    private YqException Unexpected()
    {
        if (Current.Kind == YqTokenKind.End) return new YqException("bad expression, please check expression syntax: it ends too early");
        var symbol = _text[Current.Index..];
        return Current.Text is ")" or "]" or "}"
            ? new YqException($"bad expression, got `{Current.Text}` without matching opening bracket")
            : YqLexer.Invalid(_text, Current.Index, symbol.Length == 0 ? null : "bad expression, please check expression syntax");
    }
}
