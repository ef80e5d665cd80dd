namespace Lima.Templates.GoTemplates;

/// <summary>Executes a template for some data. Pipelines are in the other half.</summary>
internal sealed partial class GoExecutor
{
    private readonly GoProgram _program;
    private readonly GoOutput _output = new();
    private List<(string Name, GoValue Value)> _variables;
    private string _running;
    private GoNode? _at;
    private int _depth;

    private GoExecutor(GoProgram program, GoValue data)
    {
        _program = program;
        _running = program.Name;
        _variables = [("$", data)];
    }

    private enum Flow
    {
        On,
        Break,
        Continue,
    }

    /// <summary>The output for some data.</summary>
    /// <exception cref="GoProblem">It cannot be executed.</exception>
    public static string Execute(GoProgram program, GoValue data)
    {
        var executor = new GoExecutor(program, data);
        try
        {
            executor.Walk(program.Templates[program.Name], data);
        }
        catch (GoProblem problem)
        {
            throw new GoProblem(executor.Located(problem.Message));
        }

        return executor._output.ToString();
    }

    private string Located(string what)
    {
        if (_at is null) return $"template: {_program.Name}: {what}";
        var (line, column) = (GoPosition.Line(_program.Text, _at.Start), GoPosition.Column(_program.Text, _at.Start));
        var shown = _at.ToString();
        if (shown.Length > 100) shown = shown[..100] + "…";
        return $"template: {_program.Name}:{line}:{column}: executing {GoQuote.Quote(_running)} at <{shown}>: {what}";
    }

    private void Enter()
    {
        if (++_depth > GoTemplate.NestingMax) throw new GoProblem($"nested deeper than {GoTemplate.NestingMax} levels");
    }

    private Flow Walk(GoBody body, GoValue dot)
    {
        foreach (var node in body.Nodes)
        {
            _at = node;
            _output.Step();
            switch (node)
            {
                case GoText text:
                    _output.Append(text.Text);
                    break;
                case GoAction action:
                    var value = Evaluate(action.Pipe, dot);
                    _at = node;
                    if (action.Pipe.Variables.Count == 0) _output.Append(GoFormat.Shown(value));
                    break;
                case GoControl control:
                    var flow = WalkControl(control, dot);
                    if (flow != Flow.On) return flow;
                    break;
                case GoJump jump:
                    return jump.IsBreak ? Flow.Break : Flow.Continue;
                case GoTemplateCall call:
                    WalkCall(call, dot);
                    break;
            }
        }

        return Flow.On;
    }

    private Flow WalkControl(GoControl control, GoValue dot)
    {
        Enter();
        var scope = _variables.Count;
        var flow = control.Keyword == "range" ? WalkRange(control, dot) : WalkBranches(control, dot);
        Leave(scope);
        _depth--;
        return flow;
    }

    private void Leave(int scope) => _variables.RemoveRange(scope, _variables.Count - scope);

    private Flow WalkBranches(GoControl control, GoValue dot)
    {
        foreach (var (pipe, body) in control.Branches)
        {
            var value = Evaluate(pipe, dot);
            if (GoCompare.IsTrue(value)) return Walk(body, control.Keyword == "with" ? value : dot);
        }

        return control.Else is null ? Flow.On : Walk(control.Else, dot);
    }

    private Flow WalkRange(GoControl range, GoValue dot)
    {
        var (pipe, body) = range.Branches[0];
        var value = GoCompare.Target(Evaluate(pipe, dot));
        var scope = _variables.Count;
        var any = false;
        foreach (var (index, item) in Items(value, pipe.Variables.Count))
        {
            any = true;
            _output.Step();
            SetLoopVariables(pipe, index, item);
            var flow = Walk(body, item);
            Leave(scope);
            if (flow == Flow.Break) break;
        }

        // A break or continue in the else part belongs to the loop around this one.
        return any || range.Else is null ? Flow.On : Walk(range.Else, dot);
    }

    private static IEnumerable<(GoValue Index, GoValue Item)> Items(GoValue value, int variables) => value switch
    {
        GoNil => [],
        GoList list => list.Items.Select((item, i) => (GoValue.Of(i), item)),
        GoMap map => map.Entries.Select(entry => (GoValue.Of(entry.Key), entry.Value)),
        GoInt when variables > 1 => throw new GoProblem($"can't use {GoFormat.Plain(value)} to iterate over more than one variable"),
        GoInt number => Count(number),
        _ => throw new GoProblem($"range can't iterate over {GoFormat.Plain(value)}"),
    };

    private static IEnumerable<(GoValue Index, GoValue Item)> Count(GoInt number)
    {
        for (var i = 0L; i < number.Value; i++)
        {
            var item = new GoInt(i, number.TypeName);
            yield return (item, item);
        }
    }

    /// <summary>One variable gets the item, two get the index and the item.</summary>
    private void SetLoopVariables(GoPipe pipe, GoValue index, GoValue item)
    {
        var names = pipe.Variables;
        for (var i = 0; i < names.Count; i++)
        {
            var value = i == names.Count - 1 ? item : index;
            if (pipe.IsAssignment) Assign(names[i], value);
            else _variables[_variables.Count - names.Count + i] = (names[i], value);
        }
    }

    private void WalkCall(GoTemplateCall call, GoValue dot)
    {
        if (!_program.Templates.TryGetValue(call.Name, out var body)) throw new GoProblem($"template {GoQuote.Quote(call.Name)} not defined");
        Enter();
        var value = call.Pipe is null ? GoValue.Nil : Evaluate(call.Pipe, dot);
        var (variables, running) = (_variables, _running);
        (_variables, _running) = ([("$", value)], call.Name);
        Walk(body, value);
        (_variables, _running) = (variables, running);
        _depth--;
    }
}
