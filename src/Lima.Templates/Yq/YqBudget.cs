namespace Lima.Templates.Yq;

/// <summary>Counts what an evaluation uses up, so that every expression ends soon and in bounded memory.</summary>
internal sealed class YqBudget(CancellationToken cancel)
{
    private int _steps;
    private long _scans;
    private int _nodes;
    private long _chars;
    private int _depth;

    public void Step(int count)
    {
        if ((_steps += count) > YqLimits.StepsMax) throw new YqException($"the expression takes more than {YqLimits.StepsMax} steps");
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>Small steps, such as comparing one key with another.</summary>
    public void Scan(long count)
    {
        if ((_scans += count) > YqLimits.ScansMax) throw new YqException($"the expression takes more than {YqLimits.ScansMax} comparisons");
    }

    public void Node(int depth)
    {
        if (++_nodes > YqLimits.NodesMax) throw new YqException($"the expression makes more than {YqLimits.NodesMax} values");
        if (depth > YqLimits.ResultDepthMax) throw new YqException($"the expression makes values nested deeper than {YqLimits.ResultDepthMax} levels");
    }

    public string Text(string text)
    {
        Chars(text.Length);
        return text;
    }

    /// <summary>Announces characters before they are made.</summary>
    public void Chars(long count)
    {
        if ((_chars += count) > YqLimits.CharsMax) throw new YqException($"the expression makes more than {YqLimits.CharsMax >> 20} MiB of text");
    }

    public void Enter()
    {
        if (++_depth > YqLimits.DepthMax || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new YqException($"the expression is nested deeper than {YqLimits.DepthMax} levels");
        }
    }

    public void Leave() => _depth--;
}
