using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;

namespace Lima.Templates.Documents;

/// <summary>
/// A scanner that notes which parts of the text its tokens cover: what lies between them is blank space and comments. The
/// scanner's own comment tokens are not used, since the parser does not take them in every place where YAML allows them.
/// Nor does it take an anchor before a scalar in braces that is not the last; such anchors are kept from it and noted.
/// </summary>
internal sealed class TokenTrace(IScanner inner) : IScanner
{
    private Anchor? _held;
    private bool _ahead;
    private int _flow;
    private int _tag = -1;

    /// <summary>A part of the text that is content.</summary>
    internal readonly record struct Span(int Start, int End, bool IsBlockScalar);

    public List<Span> Spans { get; } = [];

    /// <summary>Anchors that the parser does not see, by the place where its event for the scalar starts.</summary>
    public Dictionary<int, string> Anchors { get; } = [];

    public Mark CurrentPosition => inner.CurrentPosition;

    public Token? Current => _held ?? inner.Current;

    public bool MoveNext()
    {
        if (Current is not null) ConsumeCurrent();
        return MoveNextWithoutConsuming();
    }

    public bool MoveNextWithoutConsuming()
    {
        // What followed a held anchor was fetched with it.
        if (_ahead)
        {
            _ahead = false;
            return true;
        }

        if (!inner.MoveNextWithoutConsuming()) return false;
        if (_flow == 0 || inner.Current is not Anchor anchor) return true;
        inner.ConsumeCurrent();
        if (!inner.MoveNextWithoutConsuming() || inner.Current is not (Scalar or Tag))
        {
            _held = anchor;
            return true;
        }

        Note(anchor);
        Anchors[_tag >= 0 ? _tag : (int)inner.Current.Start.Index] = anchor.Value.Value;
        return true;
    }

    public void ConsumeCurrent()
    {
        if (_held is { } held)
        {
            Note(held);
            (_held, _ahead) = (null, true);
            return;
        }

        if (inner.Current is { } token) Note(token);
        inner.ConsumeCurrent();
    }

    private void Note(Token token)
    {
        if (token is FlowSequenceStart or FlowMappingStart) _flow++;
        if (token is FlowSequenceEnd or FlowMappingEnd) _flow--;
        if (token is Tag) _tag = (int)token.Start.Index;
        else if (token is not Anchor) _tag = -1;
        if (token is StreamStart or StreamEnd) return;
        // The scanner ends these two where they start.
        var end = (int)(token is FlowSequenceEnd or FlowMappingEnd ? token.Start.Index + 1 : token.End.Index);
        var block = token is Scalar { Style: ScalarStyle.Literal or ScalarStyle.Folded };
        if (end > token.Start.Index) Spans.Add(new Span((int)token.Start.Index, end, block));
    }
}
