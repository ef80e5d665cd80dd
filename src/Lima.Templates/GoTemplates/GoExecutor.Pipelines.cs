namespace Lima.Templates.GoTemplates;

/// <summary>Evaluates pipelines, commands and operands.</summary>
internal sealed partial class GoExecutor
{
    private GoValue Evaluate(GoPipe pipe, GoValue dot)
    {
        Enter();
        _at = pipe;
        GoValue? value = null;
        foreach (var command in pipe.Commands) value = Command(command, dot, value);
        foreach (var name in pipe.Variables)
        {
            if (pipe.IsAssignment) Assign(name, value!);
            else _variables.Add((name, value!));
        }

        _depth--;
        return value!;
    }

    private void Assign(string name, GoValue value)
    {
        var index = _variables.FindLastIndex(variable => variable.Name == name);
        if (index < 0) throw new GoProblem($"undefined variable: {name}");
        _variables[index] = (name, value);
    }

    private GoValue Variable(string name)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == name) return _variables[i].Value;
        }

        throw new GoProblem($"undefined variable: {name}");
    }

    /// <summary>The value of a command; <paramref name="piped"/> is that of the one before it.</summary>
    private GoValue Command(GoCommand command, GoValue dot, GoValue? piped)
    {
        _output.Step();
        var word = command.Words[0];
        if (word is GoFunctionName function) return Call(function, command, dot, piped);
        var hasArguments = command.Words.Count > 1 || piped is not null;
        if (word is GoFieldChain fields) return Fields(fields, dot, hasArguments);
        _at = word;
        if (hasArguments) throw new GoProblem($"can't give argument to non-function {word}");
        return word is GoNilWord ? throw new GoProblem("nil is not a command") : Operand(word, dot);
    }

    private GoValue Operand(GoNode node, GoValue dot)
    {
        _output.Step();
        _at = node;
        return node switch
        {
            GoDot => dot,
            GoLiteral literal => literal.Value,
            GoNilWord => GoValue.Nil,
            GoVariable variable => Variable(variable.Name),
            GoFieldChain fields => Fields(fields, dot, hasArguments: false),
            GoFunctionName function => Call(function, new GoCommand(function.Start, [function]), dot, piped: null),
            GoPipe pipe => Evaluate(pipe, dot),
            _ => throw new GoProblem($"can't evaluate {node}"),
        };
    }

    private GoValue Fields(GoFieldChain chain, GoValue dot, bool hasArguments)
    {
        _at = chain;
        if (chain.Operand is GoNilWord) throw new GoProblem($"indirection through explicit nil in {chain}");
        var value = chain.Operand is null ? dot : Operand(chain.Operand, dot);
        if (chain.Operand is GoVariable) _at = chain;
        string? type = null;
        for (var i = 0; i < chain.Names.Count; i++)
        {
            _output.Step();
            value = Field(value, chain.Names[i], ref type, hasArguments && i == chain.Names.Count - 1);
        }

        return value;
    }

    /// <summary>A field of a struct or a key of a map, also behind pointers.</summary>
    /// <param name="from">The struct or map.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="type">The type that Go knows the value by, which of what is in a map of anything is not its own.</param>
    /// <param name="hasArguments">Whether it is used as a function.</param>
    private static GoValue Field(GoValue from, string name, ref string? type, bool hasArguments)
    {
        if (from is GoNil && type is null) return GoValue.Nil;
        type ??= from.TypeName;
        var target = from;
        while (target is GoPointer { Target: { } inner }) target = inner;
        switch (target)
        {
            case GoNil or GoPointer:
                throw new GoProblem($"nil pointer evaluating {type}.{name}");
            case GoStruct structure when structure.Field(name) is { } value:
                if (hasArguments) throw new GoProblem($"{name} has arguments but cannot be invoked as function");
                type = value is GoNil ? "interface {}" : null;
                return value;
            case GoMap map:
                if (hasArguments) throw new GoProblem($"{name} is not a method but has arguments");
                var found = map.Find(name);
                type = found is not null && map.ElementType == "interface {}" ? "interface {}" : null;
                return found ?? GoValue.Nil;
            default:
                throw new GoProblem($"can't evaluate field {name} in type {type}");
        }
    }

    private GoValue Call(GoFunctionName function, GoCommand command, GoValue dot, GoValue? piped)
    {
        _at = function;
        var own = _program.Functions.GetValueOrDefault(function.Name);
        if (own is null && function.Name is "and" or "or") return AndOr(function, command.Words, dot, piped);
        var arguments = new List<GoValue>(command.Words.Count);
        for (var i = 1; i < command.Words.Count; i++) arguments.Add(Operand(command.Words[i], dot));
        if (piped is not null) arguments.Add(piped);
        _at = function;
        if (own is null) GoBuiltins.Check(function.Name, arguments);
        _at = command;
        foreach (var argument in arguments)
        {
            if (argument is GoString text) _output.Step(text.Value.Length);
        }

        return Result(function.Name, own, arguments);
    }

    private GoValue Result(string name, GoFunction? own, List<GoValue> arguments)
    {
        GoValue result;
        if (own is null) result = GoBuiltins.Call(name, arguments, _output);
        else if (!own(arguments, out result, out var problem)) throw new GoProblem($"error calling {name}: {problem}");
        if (result is GoString text) _output.Made(text.Value.Length);
        return result;
    }

    /// <summary>The first argument that decides, or the last; those after it are not evaluated.</summary>
    private GoValue AndOr(GoFunctionName function, IReadOnlyList<GoNode> words, GoValue dot, GoValue? piped)
    {
        if (words.Count == 1 && piped is null) throw new GoProblem($"wrong number of args for {function.Name}: want at least 1 got 0");
        var value = GoValue.Nil;
        for (var i = 1; i < words.Count; i++)
        {
            value = Operand(words[i], dot);
            if (GoCompare.IsTrue(value) == (function.Name == "or")) return value;
        }

        return piped ?? value;
    }
}
