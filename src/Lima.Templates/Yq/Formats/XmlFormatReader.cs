using System.Text;
using System.Text.RegularExpressions;
using Lima.Templates.Documents;
using Lima.Templates.Yaml;

namespace Lima.Templates.Yq.Formats;

/// <summary>
/// XML in, as yq has it: an element is an entry, several of one name a list; attributes begin with <c>+@</c>, instructions with
/// <c>+p_</c>, and text beside either is <c>+content</c>. Entities stay as they are written, nothing is ever loaded.
/// </summary>
internal sealed partial class XmlFormatReader
{
    public const string Attribute = "+@", Content = "+content", Instruction = "+p_", Directive = "+directive";

    private enum After
    {
        Start, Text, Element,
    }

    private readonly Stack<(string Name, XmlElement Element)> _open = new();
    private readonly XmlElement _root = new();
    private readonly string _source;
    private readonly XmlTokens _tokens;
    private After _after = After.Start;
    private readonly StringBuilder _text = new();
    private int _count;

    private XmlFormatReader(string source, XmlTokens tokens) => (_source, _tokens) = (source, tokens);

    private XmlElement Here => _open.TryPeek(out var top) ? top.Element : _root;

    /// <summary>The document of a text.</summary>
    /// <exception cref="YqException">It is not valid, or goes beyond a bound.</exception>
    public static DocNode Read(string text, string source)
    {
        var self = new XmlFormatReader(source, new XmlTokens(text, source));
        while (self._tokens.Next() is { } token) self.Take(token);
        self.EndText();
        if (self._open.TryPeek(out var open)) throw self._tokens.Bad($"`{open.Name}` has no end");
        return self.Node(self._root);
    }

    private void Take(XmlToken token)
    {
        if (token.Kind == XmlToken.Of.Text)
        {
            _text.Append(token.Text);
            return;
        }

        EndText();
        switch (token.Kind)
        {
            case XmlToken.Of.Start:
                Start(token);
                break;
            case XmlToken.Of.End:
                if (!_open.TryPeek(out var open) || open.Name != token.Name) throw _tokens.Bad($"the end of `{token.Name}` has no beginning");
                End();
                break;
            case XmlToken.Of.Comment:
                Comment(token.Text);
                break;
            case XmlToken.Of.Instruction:
                Here.Add(Instruction + token.Name, Plain(token.Text));
                break;
            case XmlToken.Of.Directive:
                Here.Add(Directive, Plain(token.Text));
                break;
        }
    }

    private void EndText()
    {
        var text = _text.ToString().Trim();
        _text.Clear();
        if (text.Length == 0) return;
        if (_open.Count == 0) throw _tokens.Bad("text outside of an element");
        Here.Texts.Add(text);
        _after = After.Text;
    }

    private void Start(XmlToken token)
    {
        if (_open.Count >= YamlLimits.DepthMax) throw new YqException($"bad file '{_source}': nested deeper than {YamlLimits.DepthMax} levels");
        _open.Push((token.Name, new XmlElement()));
        _after = After.Start;
        foreach (var (name, value) in token.Attributes) Here.Add(Attribute + name, Plain(value));
        if (token.IsEmpty) End();
    }

    private void End()
    {
        var (name, element) = _open.Pop();
        Here.Add(name, element);
        _after = After.Element;
    }

    private void Comment(string text)
    {
        if (_after == After.Text) Here.Beside = XmlElement.Join(Here.Beside, text);
        else if (_after == After.Element) Here.AddFoot(text);
        else Here.Head = XmlElement.Join(Here.Head, text);
    }

    private static XmlElement Plain(string text) => new() { Texts = { text } };

    private DocNode Node(XmlElement element) => element.Entries.Count > 0 ? Map(element) : Value(element);

    private DocNode Map(XmlElement element)
    {
        var map = Count(DocNode.Mapping());
        if (element.Texts.Count > 0) Put(map, Content, Texts(element.Texts), Remark(element.Head), Remark(element.Beside), Remark(element.Foot));
        foreach (var (i, entry) in element.Entries.Index())
        {
            var head = i == 0 && element.Texts.Count == 0 ? Remark(element.Head) : "";
            if (entry.Elements is [{ Entries.Count: 0, Head.Length: > 0 } only])
            {
                // A comment inside an element that only has a text stands before its entry; of one without anything, beside it.
                if (only.Texts.Count > 0) head = head.Length == 0 ? Remark(only.Head) : $"{head}\n{Remark(only.Head)}";
                else only.Beside = only.Head;
                only.Head = "";
            }

            Put(map, entry.Name, Values(entry), head, "", Remark(entry.Foot));
        }

        return map;
    }

    private DocNode Values(XmlEntry entry)
    {
        if (entry.Elements is [var only]) return Node(only);
        var list = Count(DocNode.Sequence());
        foreach (var element in entry.Elements) list.Content.Add(Node(element));
        return list;
    }

    private static void Put(DocNode map, string name, DocNode value, string head, string beside, string foot)
    {
        map.Content.Add(new DocNode { Value = name, Tag = DocTags.Str, HeadComment = head, LineComment = beside, FootComment = foot });
        map.Content.Add(value);
    }

    private DocNode Value(XmlElement element)
    {
        var value = Texts(element.Texts);
        value.HeadComment = Remark(element.Head);
        (value.Kind == DocKind.Sequence ? value.Content[0] : value).LineComment = Remark(element.Beside);
        value.FootComment = Remark(element.Foot);
        return value;
    }

    private DocNode Texts(List<string> texts)
    {
        if (texts.Count < 2) return Count(texts is [var only] ? DocNode.Scalar(only, DocTags.Str) : DocNode.Scalar("", DocTags.Null));
        var list = Count(DocNode.Sequence());
        foreach (var text in texts) list.Content.Add(Count(DocNode.Scalar(text, DocTags.Str)));
        return list;
    }

    private static string Remark(string comment) =>
        comment.Length == 0 ? "" : "#" + BeginsWithLetter().Replace(comment, "$1 $2").TrimEnd(' ').Replace("\n", "\n#", StringComparison.Ordinal);

    private DocNode Count(DocNode node)
    {
        if (++_count > YamlLimits.NodesMax) throw new YqException($"bad file '{_source}': more than {YamlLimits.NodesMax} values");
        node.File = _source;
        return node;
    }

    [GeneratedRegex(@"(^|\n)(\p{L})")]
    private static partial Regex BeginsWithLetter();
}
