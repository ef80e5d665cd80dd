using System.Collections.Immutable;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lima.Templates.Yaml;

/// <summary>Turns a text into nodes, or into problems; it never throws on any text.</summary>
internal sealed class YamlTreeReader
{
    private const string BinaryTag = "tag:yaml.org,2002:binary";
    private readonly Parser _parser;
    private readonly string _file;
    private readonly ProblemList _problems;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private YamlTreeReader(string text, string file, ProblemList problems)
    {
        _parser = new Parser(new Scanner(new StringReader(text)));
        _file = file;
        _problems = problems;
    }

    /// <summary>The first document of a text; an empty map when there is none, null when it cannot be read.</summary>
    public static YamlNode? Read(string text, string file, ProblemList problems)
    {
        if (text.StartsWith('\ufeff')) text = text[1..];
        if (!YamlText.Check(text, file, problems)) return null;
        var reader = new YamlTreeReader(text, file, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlLimitException limit)
        {
            problems.Error(limit.At, "", limit.Message);
        }
        catch (YamlException error)
        {
            problems.Error(reader.At(error.Start), "", "not valid YAML: " + Reason(error));
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidOperationException
            or OverflowException or IndexOutOfRangeException)
        {
            // Some malformed escapes and tags reach framework calls inside the scanner unchecked.
            problems.Error(reader.At(reader._parser.Current?.End ?? Mark.Empty), "", "not valid YAML: " + error.Message);
        }

        return null;
    }

    private YamlNode ReadDocument()
    {
        Next();
        if (Next() is not DocumentStart) return new YamlMap(new Position(_file, 1, 1), []);
        Next();
        var root = ReadNode(1);
        Next();
        if (Next() is DocumentStart second)
        {
            _problems.Warning(At(second.Start), "", "only the first YAML document is read; what follows `---` is ignored");
        }

        return root;
    }

    private YamlNode ReadNode(int depth)
    {
        var current = _parser.Current!;
        Count(depth, 1, current.Start);
        return current switch
        {
            Scalar scalar => Anchored(scalar, ReadScalar(scalar)),
            SequenceStart start => Anchored(start, ReadList(start, depth)),
            MappingStart start => Anchored(start, ReadMap(start, depth)),
            AnchorAlias alias => Resolve(alias, depth),
            _ => throw new YamlException(current.Start, current.End, "a value was expected"),
        };
    }

    private YamlScalar ReadScalar(Scalar scalar)
    {
        var at = At(scalar.Start);
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        var form = scalar.Style switch
        {
            ScalarStyle.SingleQuoted => ScalarForm.SingleQuoted,
            ScalarStyle.DoubleQuoted => ScalarForm.DoubleQuoted,
            ScalarStyle.Literal => ScalarForm.Literal,
            ScalarStyle.Folded => ScalarForm.Folded,
            _ => ScalarForm.Plain,
        };
        return tag == BinaryTag ? new YamlScalar(at, Decode(scalar, at), ScalarForm.DoubleQuoted) : new YamlScalar(at, scalar.Value, form, tag);
    }

    private string Decode(Scalar scalar, Position at)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(scalar.Value));
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            _problems.Error(at, "", "a `!!binary` value must be base64 of UTF-8 text");
            return "";
        }
    }

    private YamlList ReadList(SequenceStart start, int depth)
    {
        Open(start);
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        while (Next() is not SequenceEnd) items.Add(ReadNode(depth + 1));
        return new YamlList(At(start.Start), items.DrainToImmutable());
    }

    private YamlMap ReadMap(MappingStart start, int depth)
    {
        Open(start);
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var merges = new List<YamlNode>();
        while (Next() is not MappingEnd)
        {
            var keyNode = ReadNode(depth + 1);
            Next();
            var value = ReadNode(depth + 1);
            if (keyNode is not YamlScalar key) _problems.Error(keyNode.At, "", $"a key must be a single word, not {keyNode.Kind}");
            else if (key is { Value: "<<", IsPlain: true }) merges.Add(value);
            else if (lines.TryAdd(key.Value, key.At.Line)) entries.Add(new YamlEntry(key, value));
            else _problems.Error(key.At, key.Value, $"key `{Shown.Value(key.Value)}` is already set in line {lines[key.Value]}");
        }

        foreach (var merge in merges) Merge(merge, entries, lines);
        return new YamlMap(At(start.Start), entries.DrainToImmutable());
    }

    /// <summary>The <c>&lt;&lt;</c> key: entries of another map that this one does not set itself.</summary>
    private void Merge(YamlNode from, ImmutableArray<YamlEntry>.Builder into, Dictionary<string, int> lines)
    {
        switch (from)
        {
            case YamlList list when list.Items.All(item => item is YamlMap):
                foreach (var item in list.Items) Merge(item, into, lines);
                break;
            case YamlMap map:
                Count(1, map.Entries.Length, Mark.Empty);
                foreach (var entry in map.Entries)
                {
                    if (lines.TryAdd(entry.Key.Value, entry.Key.At.Line)) into.Add(entry);
                }

                break;
            default:
                _problems.Error(from.At, "", $"`<<` must name a map or a list of maps, not {from.Kind}");
                break;
        }
    }

    private YamlNode Resolve(AnchorAlias alias, int depth)
    {
        var name = alias.Value.Value;
        if (!_anchors.TryGetValue(name, out var target)) throw new YamlException(alias.Start, alias.End, $"alias `*{name}` has no anchor before it");
        if (target is null) throw new YamlException(alias.Start, alias.End, $"alias `*{name}` is inside its own anchor");
        Count(depth + target.Height - 1, target.Size, alias.Start);
        return target;
    }

    private void Open(NodeEvent start)
    {
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor.Value] = null;
    }

    private T Anchored<T>(NodeEvent from, T node)
        where T : YamlNode
    {
        if (!from.Anchor.IsEmpty) _anchors[from.Anchor.Value] = node;
        return node;
    }

    private void Count(int depth, int nodes, Mark at)
    {
        _nodes = (int)Math.Min(int.MaxValue, (long)_nodes + nodes);
        if (depth > YamlLimits.DepthMax) throw new YamlLimitException(At(at), $"nested deeper than {YamlLimits.DepthMax} levels");
        if (_nodes > YamlLimits.NodesMax) throw new YamlLimitException(At(at), $"more than {YamlLimits.NodesMax} values, aliases followed");
    }

    private ParsingEvent Next() =>
        _parser.MoveNext() ? _parser.Current! : _parser.Current ?? throw new YamlException("the text ends too early");

    private Position At(Mark mark) => new(_file, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static string Reason(YamlException error)
    {
        var text = error.InnerException is YamlException inner ? inner.Message : error.Message;
        return Shown.Value(text.TrimEnd('.'));
    }

    private sealed class YamlLimitException(Position at, string message) : Exception(message)
    {
        public Position At { get; } = at;
    }
}
