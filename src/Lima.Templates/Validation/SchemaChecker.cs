using System.Collections.Immutable;
using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>
/// Walks a tree beside the schema: types (errors), unknown and deprecated keys (warnings), and what is set without being
/// in effect. Everything is reported, in the order of the file.
/// </summary>
internal sealed class SchemaChecker(string file, ProblemList problems)
{
    private readonly ImmutableArray<string>.Builder _notYet = ImmutableArray.CreateBuilder<string>();

    /// <summary>Fields that are set and not in effect, each with its line.</summary>
    public ImmutableArray<string> NotYetInEffect => _notYet.ToImmutable();

    /// <summary>Checks a whole document.</summary>
    public void Check(YamlNode root) => Check(root, LimaSchema.Root, "", listed: false);

    /// <summary>Notes a field that is not in effect; bounded like problems are.</summary>
    public void NoteNotYet(string path, Position at)
    {
        if (_notYet.Count >= ProblemList.CountMax) return;
        _notYet.Add(at.File == file ? $"{path} (line {at.Line})" : $"{path} ({at.File} line {at.Line})");
    }

    // `listed`: a parent has already been noted as not in effect.
    private void Check(YamlNode node, SchemaField field, string path, bool listed)
    {
        if (node.IsNull) return;
        if (field.ReplacedBy.Length > 0 && IsSet(node))
        {
            problems.Warning(node.At, path, $"field `{path}` is deprecated; use `{field.ReplacedBy}` instead");
        }

        if (field.Effect == FieldEffect.NotYet && !listed && Asks(node, field))
        {
            NoteNotYet(path, node.At);
            listed = true;
        }

        switch (field.Type)
        {
            case FieldType.Map when node is YamlMap map:
                CheckMap(map, field, path, listed);
                break;
            case FieldType.Map when field.OrSingle && node is YamlScalar:
                break;
            case FieldType.TextMap when node is YamlMap map:
                foreach (var (key, value) in map.Entries) CheckScalar(value, Joined(path, key.Value));
                break;
            case FieldType.List when node is YamlList list:
                if (field.Length > 0 && list.Items.Length != field.Length)
                {
                    problems.Error(node.At, path, $"field `{path}` must have {field.Length} elements, got {list.Items.Length}");
                }

                for (var i = 0; i < list.Items.Length; i++) Check(list.Items[i], field.Element!, $"{path}[{i}]", listed);
                break;
            case FieldType.List when field.OrSingle && node is YamlScalar:
                break;
            case FieldType.Map or FieldType.TextMap:
                problems.Error(node.At, path, $"{Named(path)} must be a map, got {Shown.Node(node)}");
                break;
            case FieldType.List:
                problems.Error(node.At, path, $"{Named(path)} must be a list, got {Shown.Node(node)}");
                break;
            default:
                if (CheckScalar(node, path)) CheckValue((YamlScalar)node, field, path);
                break;
        }
    }

    private void CheckMap(YamlMap map, SchemaField field, string path, bool listed)
    {
        foreach (var (key, value) in map.Entries)
        {
            var at = Joined(path, key.Value);
            if (field.Find(key.Value) is { } inner) Check(value, inner, at, listed);
            else if (field.Open) NoteNotYet(at, key.At);
            else problems.Warning(key.At, at, $"unknown key `{at}` is ignored{Hint(field, key.Value)}");
        }
    }

    private bool CheckScalar(YamlNode node, string path)
    {
        if (node is YamlScalar) return true;
        problems.Error(node.At, path, $"field `{path}` must be a single value, got {node.Kind}");
        return false;
    }

    private void CheckValue(YamlScalar node, SchemaField field, string path)
    {
        var got = Shown.Node(node);
        var message = field.Type switch
        {
            FieldType.Integer when YamlScalars.AsInteger(node) is null => $"field `{path}` must be a whole number, got {got}",
            FieldType.Bool when YamlScalars.AsBool(node) is null =>
                node.IsPlain
                    ? $"field `{path}` must be `true` or `false`, got {got}"
                    : $"field `{path}` must be `true` or `false` without quotes, got {got} in quotes",
            _ when field.Address && node.Value.Length > 0 && !IsAddress(node.Value) => $"field `{path}` must be an IP address, got {got}",
            _ => null,
        };
        if (message is not null) problems.Error(node.At, path, message);
    }

    // The framework also takes "1" and "1.2" for addresses.
    private static bool IsAddress(string text) =>
        System.Net.IPAddress.TryParse(text, out _) && !text.Contains('[') && (text.Contains(':') || text.Count(c => c == '.') == 3);

    /// <summary>Whether a value asks for something at all.</summary>
    private static bool Asks(YamlNode node, SchemaField field) => node switch
    {
        YamlList list => !list.Items.IsEmpty,
        YamlScalar scalar => scalar.Value.Length > 0 && YamlScalars.AsBool(scalar) != false && !field.Neutral.Contains(scalar.Value),
        _ => IsSet(node),
    };

    private static bool IsSet(YamlNode node) => node is YamlMap map ? map.Entries.Any(entry => IsSet(entry.Value)) : !node.IsNull;

    private static string Hint(SchemaField field, string key) =>
        field.Fields.FirstOrDefault(known => string.Equals(known.Name, key, StringComparison.OrdinalIgnoreCase)) is { } meant
            ? $"; did you mean `{meant.Name}`?"
            : "; please check for typos";

    private static string Named(string path) => path.Length == 0 ? "the file" : $"field `{path}`";

    private static string Joined(string path, string key)
    {
        key = Shown.Value(key);
        return path.Length == 0 ? key : $"{path}.{key}";
    }
}
