using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;

namespace Lima.Templates.Documents;

/// <summary>
/// A scanner that notes which parts of the text its tokens cover: what lies between them is blank space and comments. The
/// scanner's own comment tokens are not used, since the parser does not take them in every place where YAML allows them.
/// </summary>
internal sealed class TokenTrace(IScanner inner) : IScanner
{
    /// <summary>A part of the text that is content.</summary>
    internal readonly record struct Span(int Start, int End, bool IsBlockScalar);

    public List<Span> Spans { get; } = [];

    public Mark CurrentPosition => inner.CurrentPosition;

    public Token? Current => inner.Current;

    public bool MoveNext() => inner.MoveNext();

    public bool MoveNextWithoutConsuming() => inner.MoveNextWithoutConsuming();

    public void ConsumeCurrent()
    {
        if (inner.Current is { } token and not StreamStart and not StreamEnd)
        {
            // The scanner ends these two where they start.
            var end = (int)(token is FlowSequenceEnd or FlowMappingEnd ? token.Start.Index + 1 : token.End.Index);
            var block = token is Scalar { Style: ScalarStyle.Literal or ScalarStyle.Folded };
            if (end > token.Start.Index) Spans.Add(new Span((int)token.Start.Index, end, block));
        }

        inner.ConsumeCurrent();
    }
}
