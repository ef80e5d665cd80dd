using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>A part of a template; <paramref name="Start"/> is the index of its first character. Its text is what messages show.</summary>
internal abstract record GoNode(int Start)
{
    public abstract void Write(StringBuilder to);

    public sealed override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }
}

/// <summary>Text between actions.</summary>
internal sealed record GoText(int Start, string Text) : GoNode(Start)
{
    public override void Write(StringBuilder to) => to.Append(Text);
}

/// <summary>A pipeline whose value is printed.</summary>
internal sealed record GoAction(int Start, GoPipe Pipe) : GoNode(Start)
{
    public override void Write(StringBuilder to)
    {
        to.Append("{{");
        Pipe.Write(to);
        to.Append("}}");
    }
}

/// <summary>Several parts after each other.</summary>
internal sealed record GoBody(int Start, IReadOnlyList<GoNode> Nodes) : GoNode(Start)
{
    public override void Write(StringBuilder to)
    {
        foreach (var node in Nodes) node.Write(to);
    }
}

/// <summary>A condition and what belongs to it.</summary>
internal sealed record GoBranch(GoPipe Pipe, GoBody Body);

/// <summary><c>if</c>, <c>with</c> or <c>range</c>: the first branch that applies, or else another body.</summary>
internal sealed record GoControl(int Start, string Keyword, IReadOnlyList<GoBranch> Branches, GoBody? Else) : GoNode(Start)
{
    public override void Write(StringBuilder to)
    {
        var opening = "{{";
        foreach (var (pipe, body) in Branches)
        {
            to.Append(opening).Append(Keyword).Append(' ');
            pipe.Write(to);
            to.Append("}}");
            body.Write(to);
            opening = "{{else ";
        }

        if (Else is not null)
        {
            to.Append("{{else}}");
            Else.Write(to);
        }

        to.Append("{{end}}");
    }
}

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record GoJump(int Start, bool IsBreak) : GoNode(Start)
{
    public override void Write(StringBuilder to) => to.Append(IsBreak ? "{{break}}" : "{{continue}}");
}

/// <summary>A call of another template.</summary>
internal sealed record GoTemplateCall(int Start, string Name, GoPipe? Pipe) : GoNode(Start)
{
    public override void Write(StringBuilder to)
    {
        to.Append("{{template ").Append(GoQuote.Quote(Name));
        if (Pipe is not null)
        {
            to.Append(' ');
            Pipe.Write(to);
        }

        to.Append("}}");
    }
}

/// <summary>Commands, each of which gets the value of the one before, and the variables that get the value of the last.</summary>
internal sealed record GoPipe(int Start, IReadOnlyList<string> Variables, bool IsAssignment, IReadOnlyList<GoCommand> Commands) : GoNode(Start)
{
    public override void Write(StringBuilder to)
    {
        if (Variables.Count > 0) to.AppendJoin(", ", Variables).Append(IsAssignment ? " = " : " := ");
        for (var i = 0; i < Commands.Count; i++)
        {
            if (i > 0) to.Append(" | ");
            Commands[i].Write(to);
        }
    }
}

/// <summary>An operand, or a function and its arguments.</summary>
internal sealed record GoCommand(int Start, IReadOnlyList<GoNode> Words) : GoNode(Start)
{
    public override void Write(StringBuilder to)
    {
        for (var i = 0; i < Words.Count; i++)
        {
            if (i > 0) to.Append(' ');
            GoFieldChain.WriteOperand(to, Words[i]);
        }
    }
}

/// <summary>A value that is written down: a string, a number, a truth value; the text is as written.</summary>
internal sealed record GoLiteral(int Start, string Text, GoValue Value) : GoNode(Start)
{
    public override void Write(StringBuilder to) => to.Append(Text);
}

/// <summary><c>.</c></summary>
internal sealed record GoDot(int Start) : GoNode(Start)
{
    public override void Write(StringBuilder to) => to.Append('.');
}

/// <summary><c>nil</c></summary>
internal sealed record GoNilWord(int Start) : GoNode(Start)
{
    public override void Write(StringBuilder to) => to.Append("nil");
}

/// <summary>The name of a function.</summary>
internal sealed record GoFunctionName(int Start, string Name) : GoNode(Start)
{
    public override void Write(StringBuilder to) => to.Append(Name);
}

/// <summary>A variable.</summary>
internal sealed record GoVariable(int Start, string Name) : GoNode(Start)
{
    public override void Write(StringBuilder to) => to.Append(Name);
}

/// <summary>Fields of an operand, or of <c>.</c> when there is none.</summary>
internal sealed record GoFieldChain(int Start, GoNode? Operand, IReadOnlyList<string> Names) : GoNode(Start)
{
    public override void Write(StringBuilder to)
    {
        if (Operand is not null) WriteOperand(to, Operand);
        foreach (var name in Names) to.Append('.').Append(name);
    }

    public static void WriteOperand(StringBuilder to, GoNode operand)
    {
        if (operand is not GoPipe)
        {
            operand.Write(to);
            return;
        }

        to.Append('(');
        operand.Write(to);
        to.Append(')');
    }
}
