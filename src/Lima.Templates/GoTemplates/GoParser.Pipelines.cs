namespace Lima.Templates.GoTemplates;

/// <summary>Reads pipelines, commands and operands.</summary>
internal sealed partial class GoParser
{
    /// <summary>Most variables at one place: they are looked for one by one.</summary>
    private const int VariablesMax = 1000;

    private GoPipe Pipeline(string where, GoTokenKind end)
    {
        Enter();
        var start = PeekWord().Start;
        var variables = new List<string>();
        var isAssignment = false;
        while (Declaration(where, variables, ref isAssignment))
        {
        }

        var commands = new List<GoCommand>();
        while (true)
        {
            var token = NextWord();
            if (token.Kind == end) break;
            if (!StartsOperand(token.Kind)) throw Unexpected(token, where);
            Back(token);
            commands.Add(Command());
        }

        Check(commands, where);
        _depth--;
        return new GoPipe(start, variables, isAssignment, commands);
    }

    /// <summary>One variable of <c>$i, $e :=</c>; true when another must follow.</summary>
    private bool Declaration(string where, List<string> variables, ref bool isAssignment)
    {
        var variable = PeekWord();
        if (variable.Kind != GoTokenKind.Variable) return false;
        Next();
        var adjacent = Peek();
        var next = PeekWord();
        if (next.Kind is GoTokenKind.Declare or GoTokenKind.Assign)
        {
            NextWord();
            isAssignment = next.Kind == GoTokenKind.Assign;
            Declare(variable.Text, variables);
            return false;
        }

        if (next is { Kind: GoTokenKind.Other, Text: "," })
        {
            NextWord();
            Declare(variable.Text, variables);
            if (where != "range" || variables.Count > 1) throw Problem($"too many declarations in {where}");
            if (PeekWord().Kind is GoTokenKind.Variable or GoTokenKind.RightDelimiter or GoTokenKind.RightParen) return true;
            throw Problem("range can only initialize variables");
        }

        if (adjacent.Kind == GoTokenKind.Space) Back(adjacent);
        Back(variable);
        return false;
    }

    private void Declare(string name, List<string> variables)
    {
        if (_variables.Count >= VariablesMax) throw Problem($"too many variables, more than {VariablesMax}");
        variables.Add(name);
        _variables.Add(name);
    }

    private static bool StartsOperand(GoTokenKind kind) => kind is GoTokenKind.Bool or GoTokenKind.CharConstant or GoTokenKind.Dot
        or GoTokenKind.Field or GoTokenKind.Identifier or GoTokenKind.Number or GoTokenKind.Nil or GoTokenKind.RawString
        or GoTokenKind.String or GoTokenKind.Variable or GoTokenKind.LeftParen;

    private void Check(List<GoCommand> commands, string where)
    {
        if (commands.Count == 0) throw Problem($"missing value for {where}");
        for (var i = 1; i < commands.Count; i++)
        {
            if (commands[i].Words[0] is GoLiteral or GoDot or GoNilWord) throw Problem($"non executable command in pipeline stage {i + 1}");
        }
    }

    /// <summary>Operands with spaces between them, up to a pipe or the end of the pipeline.</summary>
    private GoCommand Command()
    {
        var start = PeekWord().Start;
        var words = new List<GoNode>();
        while (true)
        {
            PeekWord();
            var operand = Operand();
            if (operand is not null) words.Add(operand);
            var token = Next();
            if (token.Kind == GoTokenKind.Space) continue;
            if (token.Kind is GoTokenKind.RightDelimiter or GoTokenKind.RightParen) Back(token);
            else if (token.Kind != GoTokenKind.Pipe) throw Unexpected(token, "operand");
            break;
        }

        return words.Count > 0 ? new GoCommand(start, words) : throw Problem("empty command");
    }

    private GoNode? Operand()
    {
        if (Term() is not { } term) return null;
        if (Peek().Kind != GoTokenKind.Field) return term;
        var start = Peek().Start;
        var names = new List<string>();
        while (Peek().Kind == GoTokenKind.Field) names.Add(Next().Text[1..]);
        return term switch
        {
            GoFieldChain { Operand: null } fields => new GoFieldChain(start, null, [.. fields.Names, .. names]),
            GoLiteral or GoDot or GoNilWord => throw Problem($"unexpected . after term {GoQuote.Quote(term.ToString())}"),
            _ => new GoFieldChain(start, term, names),
        };
    }

    private GoNode? Term()
    {
        var token = NextWord();
        switch (token.Kind)
        {
            case GoTokenKind.Identifier when _isFunction(token.Text):
                return new GoFunctionName(token.Start, token.Text);
            case GoTokenKind.Identifier:
                throw Problem($"function {GoQuote.Quote(Shorter(token.Text))} not defined");
            case GoTokenKind.Dot:
                return new GoDot(token.Start);
            case GoTokenKind.Nil:
                return new GoNilWord(token.Start);
            case GoTokenKind.Variable when _variables.Contains(token.Text):
                return new GoVariable(token.Start, token.Text);
            case GoTokenKind.Variable:
                throw Problem($"undefined variable {GoQuote.Quote(Shorter(token.Text))}");
            case GoTokenKind.Field:
                return new GoFieldChain(token.Start, null, [token.Text[1..]]);
            case GoTokenKind.Bool:
                return new GoLiteral(token.Start, token.Text, GoValue.Of(token.Text == "true"));
            case GoTokenKind.CharConstant or GoTokenKind.Number:
                return GoNumbers.TryRead(token.Text, out var number, out var problem) ? new GoLiteral(token.Start, token.Text, number) : throw Problem(problem);
            case GoTokenKind.String or GoTokenKind.RawString:
                return new GoLiteral(token.Start, token.Text, new GoString(Unquoted(token)));
            case GoTokenKind.LeftParen:
                return Pipeline("parenthesized pipeline", GoTokenKind.RightParen);
            default:
                Back(token);
                return null;
        }
    }
}
