using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>What an execution may use up: output and steps. One for the whole of it.</summary>
internal sealed class GoOutput
{
    private const int CharactersPerStep = 256;

    private readonly StringBuilder _text = new();
    private long _made;
    private int _steps;

    public void Append(string text)
    {
        Made(text.Length);
        _text.Append(text);
    }

    /// <summary>Counts text that was made for the output or on the way to it.</summary>
    /// <exception cref="GoProblem">It is too much.</exception>
    public void Made(long length)
    {
        _made += length;
        if (_made > GoTemplate.OutputLengthMax) throw new GoProblem($"more than {GoTemplate.OutputLengthMax} characters of output");
    }

    /// <summary>Counts steps; reading through a long text is many.</summary>
    /// <exception cref="GoProblem">There were too many.</exception>
    public void Step(int characters = 0)
    {
        _steps += 1 + (characters / CharactersPerStep);
        if (_steps > GoTemplate.StepsMax) throw new GoProblem($"more than {GoTemplate.StepsMax} steps");
    }

    public override string ToString() => _text.ToString();
}
