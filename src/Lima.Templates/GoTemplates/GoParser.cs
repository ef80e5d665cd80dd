namespace Lima.Templates.GoTemplates;

/// <summary>Reads a template: its actions and blocks. Pipelines are in the other half.</summary>
internal sealed partial class GoParser
{
    private readonly string _text;
    private readonly string _name;
    private readonly Func<string, bool> _isFunction;
    private readonly GoLexer _lexer;
    private readonly Stack<GoToken> _back = new();
    private readonly Dictionary<string, GoBody> _templates = new(StringComparer.Ordinal);
    private List<string> _variables = ["$"];
    private int _last;
    private int _actionStart = -1;
    private int _depth;
    private int _loops;

    private GoParser(string text, string name, Func<string, bool> isFunction)
    {
        (_text, _name, _isFunction) = (text, name, isFunction);
        _lexer = new GoLexer(text);
    }

    /// <summary>All templates of a text by name, with the text itself under <paramref name="name"/>.</summary>
    /// <exception cref="GoProblem">It is not well formed.</exception>
    public static Dictionary<string, GoBody> Parse(string text, string name, Func<string, bool> isFunction)
    {
        var parser = new GoParser(text, name, isFunction);
        parser.Add(name, parser.TopLevel());
        return parser._templates;
    }

    private GoToken Next()
    {
        var token = _back.Count > 0 ? _back.Pop() : _lexer.Next();
        _last = token.Start;
        return token;
    }

    private void Back(GoToken token) => _back.Push(token);

    private GoToken Peek()
    {
        var token = Next();
        Back(token);
        return token;
    }

    private GoToken NextWord()
    {
        GoToken token;
        do token = Next();
        while (token.Kind == GoTokenKind.Space);
        return token;
    }

    private GoToken PeekWord()
    {
        var token = NextWord();
        Back(token);
        return token;
    }

    private GoProblem Problem(string what) => new($"template: {_name}:{GoPosition.Line(_text, _last)}: {what}");

    private GoProblem Unexpected(GoToken token, string where)
    {
        if (token.Kind != GoTokenKind.Error) return Problem($"unexpected {token} in {where}");
        var (line, opened) = (GoPosition.Line(_text, token.Start), GoPosition.Line(_text, Math.Max(_actionStart, 0)));
        return Problem(_actionStart >= 0 && line != opened ? $"{token} in the action that starts at {_name}:{opened}" : token.Text);
    }

    private void Expect(GoTokenKind kind, string where)
    {
        var token = NextWord();
        if (token.Kind != kind) throw Unexpected(token, where);
    }

    private void Enter()
    {
        if (++_depth > GoTemplate.NestingMax) throw Problem($"nested deeper than {GoTemplate.NestingMax} levels");
    }

    private void Add(string name, GoBody body)
    {
        if (_templates.TryGetValue(name, out var old) && !IsEmpty(old))
        {
            if (!IsEmpty(body)) throw Problem($"template {GoQuote.Quote(name)} is defined twice");
            return;
        }

        _templates[name] = body;
    }

    private static bool IsEmpty(GoBody body) => body.Nodes.All(node => node is GoText text && string.IsNullOrWhiteSpace(text.Text));

    private GoBody TopLevel()
    {
        var nodes = new List<GoNode>();
        while (Peek().Kind != GoTokenKind.EndOfText)
        {
            var open = Next();
            if (open.Kind == GoTokenKind.LeftDelimiter)
            {
                var word = NextWord();
                if (word.Is("define"))
                {
                    Definition();
                    continue;
                }

                Back(word);
            }

            Back(open);
            nodes.Add(TextOrAction(out var stop) ?? throw Problem($"unexpected {{{{{stop}}}}}"));
        }

        return new GoBody(0, nodes);
    }

    private void Definition()
    {
        var name = TemplateName("define clause", out _);
        Expect(GoTokenKind.RightDelimiter, "define clause");
        Add(name, Separate("define clause"));
    }

    /// <summary>The body of another template, up to its end: it sees no variables and no loops of this one.</summary>
    private GoBody Separate(string where)
    {
        var (variables, loops) = (_variables, _loops);
        (_variables, _loops) = (["$"], 0);
        Enter();
        var body = Body(out var stop);
        if (stop != "end") throw Problem($"unexpected {{{{{stop}}}}} in {where}");
        _depth--;
        (_variables, _loops) = (variables, loops);
        return body;
    }

    /// <summary>Text and actions up to <c>end</c> or <c>else</c>.</summary>
    private GoBody Body(out string stop)
    {
        var start = PeekWord().Start;
        var nodes = new List<GoNode>();
        while (PeekWord().Kind != GoTokenKind.EndOfText)
        {
            if (TextOrAction(out stop) is not { } node) return new GoBody(start, nodes);
            nodes.Add(node);
        }

        throw Problem("unexpected EOF");
    }

    /// <summary>A part; null, and which, at <c>end</c> or <c>else</c>.</summary>
    private GoNode? TextOrAction(out string stop)
    {
        stop = "";
        var token = NextWord();
        switch (token.Kind)
        {
            case GoTokenKind.Text:
                return new GoText(token.Start, token.Text);
            case GoTokenKind.LeftDelimiter:
                _actionStart = token.Start;
                var node = Action(out stop);
                _actionStart = -1;
                return node;
            default:
                throw Unexpected(token, "input");
        }
    }

    private GoNode? Action(out string stop)
    {
        stop = "";
        var token = NextWord();
        if (token.Kind != GoTokenKind.Keyword)
        {
            Back(token);
            return new GoAction(token.Start, Pipeline("command", GoTokenKind.RightDelimiter));
        }

        switch (token.Text)
        {
            case "if" or "with" or "range":
                return Control(token);
            case "end":
                Expect(GoTokenKind.RightDelimiter, "end");
                stop = "end";
                return null;
            case "else":
                if (PeekWord() is not { Kind: GoTokenKind.Keyword, Text: "if" or "with" }) Expect(GoTokenKind.RightDelimiter, "else");
                stop = "else";
                return null;
            case "break" or "continue":
                return Jump(token);
            case "block":
                return Block();
            case "template":
                return Call();
            default:
                throw Unexpected(token, "command");
        }
    }

    private GoJump Jump(GoToken token)
    {
        Expect(GoTokenKind.RightDelimiter, $"{{{{{token.Text}}}}}");
        if (_loops == 0) throw Problem($"{{{{{token.Text}}}}} outside {{{{range}}}}");
        return new GoJump(token.Start, token.Text == "break");
    }

    private GoControl Control(GoToken keyword)
    {
        Enter();
        var scope = _variables.Count;
        var branches = new List<GoBranch>();
        GoBody? otherwise = null;
        string stop;
        do
        {
            var pipe = Pipeline(keyword.Text, GoTokenKind.RightDelimiter);
            if (keyword.Text == "range") _loops++;
            branches.Add(new GoBranch(pipe, Body(out stop)));
            if (keyword.Text == "range") _loops--;
        }
        while (stop == "else" && keyword.Text != "range" && ElseAgain(keyword.Text));

        if (stop == "else") otherwise = Body(out stop);
        if (stop != "end") throw Problem($"expected end; found {{{{{stop}}}}}");
        _variables.RemoveRange(scope, _variables.Count - scope);
        _depth--;
        return new GoControl(keyword.Start, keyword.Text, branches, otherwise);
    }

    /// <summary>Whether the <c>else</c> that was read goes on with the same word: <c>else if</c>, <c>else with</c>.</summary>
    private bool ElseAgain(string keyword)
    {
        var token = Peek();
        if (!token.Is(keyword)) return false;
        Next();
        return true;
    }

    private GoTemplateCall Block()
    {
        var name = TemplateName("block clause", out var start);
        var pipe = Pipeline("block clause", GoTokenKind.RightDelimiter);
        Add(name, Separate("block clause"));
        return new GoTemplateCall(start, name, pipe);
    }

    private GoTemplateCall Call()
    {
        var name = TemplateName("template clause", out var start);
        var next = NextWord();
        if (next.Kind == GoTokenKind.RightDelimiter) return new GoTemplateCall(start, name, null);
        Back(next);
        return new GoTemplateCall(start, name, Pipeline("template clause", GoTokenKind.RightDelimiter));
    }

    private string TemplateName(string where, out int start)
    {
        var token = NextWord();
        start = token.Start;
        if (token.Kind is not (GoTokenKind.String or GoTokenKind.RawString)) throw Unexpected(token, where);
        return Unquoted(token);
    }

    private string Unquoted(GoToken token) =>
        GoQuote.TryUnquote(token.Text, out var value) ? value : throw Problem($"{Shorter(token.Text)} is not a valid string");

    private static string Shorter(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
