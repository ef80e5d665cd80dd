using System.Collections.Frozen;

namespace Lima.Templates.Yq;

/// <summary>The named operators of yq, with how tightly they hold their argument.</summary>
internal static class YqWords
{
    /// <param name="Op">What the word does.</param>
    /// <param name="Strength">Binding strength towards what follows.</param>
    /// <param name="HasArgument">Whether an argument follows.</param>
    /// <param name="Text">What the word adds: a format, a kind of comment.</param>
    /// <param name="Number">Number that is meant when none is given in brackets.</param>
    internal readonly record struct Word(YqOp Op, int Strength, bool HasArgument = false, string Text = "", int Number = -1);

    /// <summary>All words; several are one operator written differently.</summary>
    public static FrozenDictionary<string, Word> All { get; } = Make();

    /// <summary>Operators of yq that are refused by name, with the reason.</summary>
    public static FrozenDictionary<string, string> Refused { get; } = new Dictionary<string, string>
    {
        ["shuffle"] = "its result is random", ["system"] = "system operations are disabled",
        ["now"] = "the clock is not read", ["tz"] = "times are not converted", ["format_datetime"] = "times are not converted",
        ["with_dtf"] = "times are not converted", ["from_unix"] = "times are not converted", ["to_unix"] = "times are not converted",
    }.ToFrozenDictionary();

    private static FrozenDictionary<string, Word> Make()
    {
        var words = new Dictionary<string, Word>();
        void Add(Word word, params ReadOnlySpan<string> names)
        {
            foreach (var name in names) words[name] = word;
        }

        Properties(Add);
        Collections(Add);
        Texts(Add);
        return words.ToFrozenDictionary();
    }

    private delegate void Adder(Word word, params ReadOnlySpan<string> names);

    private static void Properties(Adder add)
    {
        add(new(YqOp.Comment, 50, Text: "line"), "line_comment", "linecomment", "lineComment");
        add(new(YqOp.Comment, 50, Text: "head"), "head_comment", "headcomment", "headComment");
        add(new(YqOp.Comment, 50, Text: "foot"), "foot_comment", "footcomment", "footComment");
        add(new(YqOp.Style, 50), "style");
        add(new(YqOp.Tag, 50), "tag", "type");
        add(new(YqOp.Kind, 50), "kind");
        add(new(YqOp.Anchor, 50), "anchor");
        add(new(YqOp.Alias, 50), "alias");
        add(new(YqOp.Line, 50), "line");
        add(new(YqOp.Column, 50), "column");
        add(new(YqOp.Explode, 52, true), "explode");
        add(new(YqOp.DocumentIndex, 50), "document_index", "documentIndex", "documentindex", "di");
        add(new(YqOp.FileIndex, 50), "file_index", "fileIndex", "fileindex", "fi");
        add(new(YqOp.FileName, 50), "file_name", "fileName", "filename");
        add(new(YqOp.SplitDocument, 52), "split_doc", "splitdoc", "splitDoc");
        add(new(YqOp.KeyOf, 50), "key");
        add(new(YqOp.IsKey, 50), "is_key", "iskey");
        add(new(YqOp.PathOf, 52), "path");
        add(new(YqOp.SetPath, 50, true), "set_path", "setpath");
        add(new(YqOp.DeletePaths, 52, true), "del_paths", "delpaths");
        add(new(YqOp.Parent, 50, Number: 1), "parent");
        add(new(YqOp.Parent, 50, Text: "root"), "root");
        add(new(YqOp.Parents, 50), "parents");
    }

    private static void Collections(Adder add)
    {
        add(new(YqOp.Length, 50), "length");
        add(new(YqOp.Keys, 52), "keys");
        add(new(YqOp.Has, 50, true), "has");
        add(new(YqOp.Contains, 50, true), "contains");
        add(new(YqOp.Select, 52, true), "select");
        add(new(YqOp.Collect, 50, true), "collect");
        add(new(YqOp.Delete, 40, true), "del");
        add(new(YqOp.Map, 52, true), "map");
        add(new(YqOp.MapValues, 52, true), "map_values", "mapvalues");
        add(new(YqOp.Filter, 52, true), "filter");
        add(new(YqOp.Pick, 52, true), "pick");
        add(new(YqOp.Omit, 52, true), "omit");
        add(new(YqOp.First, 52, true), "first");
        add(new(YqOp.With, 52, true), "with");
        add(new(YqOp.WithEntries, 50, true), "with_entries", "withentries", "withEntries");
        add(new(YqOp.ToEntries, 52), "to_entries", "toentries", "toEntries");
        add(new(YqOp.FromEntries, 50), "from_entries", "fromentries", "fromEntries");
        add(new(YqOp.ArrayToMap, 50), "array_to_map", "arraytomap", "array_tomap", "arrayto_map");
        add(new(YqOp.Any, 50), "any");
        add(new(YqOp.All, 50), "all");
        add(new(YqOp.AnyWhere, 50, true), "any_c");
        add(new(YqOp.AllWhere, 50, true), "all_c");
        add(new(YqOp.Flatten, 52), "flatten");
        add(new(YqOp.GroupBy, 52, true), "group_by", "groupby");
        add(new(YqOp.Unique, 52), "unique");
        add(new(YqOp.UniqueBy, 52, true), "unique_by", "uniqueby");
        add(new(YqOp.Sort, 52), "sort");
        add(new(YqOp.SortBy, 52, true), "sort_by", "sortby");
        add(new(YqOp.SortKeys, 52, true), "sort_keys", "sortkeys", "sortKeys");
        add(new(YqOp.Reverse, 52), "reverse");
        add(new(YqOp.Pivot, 52), "pivot");
        add(new(YqOp.Min, 40), "min");
        add(new(YqOp.Max, 40), "max");
        add(new(YqOp.Not, 50), "not");
        add(new(YqOp.Evaluate, 52, true), "eval");
        add(new(YqOp.Error, 50, true), "error");
    }

    private static void Texts(Adder add)
    {
        add(new(YqOp.Join, 50, true), "join");
        add(new(YqOp.Split, 52, true), "split");
        add(new(YqOp.Substitute, 50, true), "sub");
        add(new(YqOp.Match, 50, true), "match");
        add(new(YqOp.Capture, 50, true), "capture");
        add(new(YqOp.Test, 50, true), "test");
        add(new(YqOp.Upcase, 50), "upcase", "ascii_upcase", "asciiupcase");
        add(new(YqOp.Downcase, 50), "downcase", "ascii_downcase", "asciidowncase");
        add(new(YqOp.Trim, 50), "trim");
        add(new(YqOp.ToText, 50), "to_string", "tostring");
        add(new(YqOp.ToNumber, 50), "to_number", "tonumber");
        add(new(YqOp.Encode, 50, Text: "yaml", Number: 2), "to_yaml", "toyaml", "@yaml");
        add(new(YqOp.Encode, 50, Text: "json", Number: 2), "to_json", "tojson");
        add(new(YqOp.Encode, 50, Text: "json", Number: 0), "@json");
        add(new(YqOp.Encode, 50, Text: "props"), "to_props", "toprops", "@props");
        add(new(YqOp.Encode, 50, Text: "csv"), "to_csv", "tocsv", "@csv");
        add(new(YqOp.Encode, 50, Text: "tsv"), "to_tsv", "totsv", "@tsv");
        add(new(YqOp.Encode, 50, Text: "xml", Number: 2), "to_xml", "toxml");
        add(new(YqOp.Encode, 50, Text: "xml", Number: 0), "@xml");
        add(new(YqOp.Encode, 50, Text: "base64"), "@base64");
        add(new(YqOp.Encode, 50, Text: "uri"), "@uri");
        add(new(YqOp.Encode, 50, Text: "sh"), "@sh");
        add(new(YqOp.Decode, 50, Text: "yaml"), "from_yaml", "fromyaml", "@yamld", "from_json", "fromjson", "@jsond");
        add(new(YqOp.Decode, 50, Text: "props"), "from_props", "fromprops", "@propsd");
        add(new(YqOp.Decode, 50, Text: "csv"), "from_csv", "fromcsv", "@csvd");
        add(new(YqOp.Decode, 50, Text: "tsv"), "from_tsv", "fromtsv", "@tsvd");
        add(new(YqOp.Decode, 50, Text: "xml"), "from_xml", "fromxml", "@xmld");
        add(new(YqOp.Decode, 50, Text: "base64"), "@base64d");
        add(new(YqOp.Decode, 50, Text: "uri"), "@urid");
        add(new(YqOp.Load, 52, true, "yaml"), "load");
        add(new(YqOp.Load, 52, true, "xml"), "load_xml", "loadxml", "xml_load", "xmlload");
        add(new(YqOp.Load, 52, true, "base64"), "load_base64", "loadbase64");
        add(new(YqOp.Load, 52, true, "props"), "load_props", "loadprops");
        add(new(YqOp.LoadText, 52, true), "load_str", "loadstr", "str_load", "strload");
        add(new(YqOp.Environment, 52, Text: "yaml"), "env");
        add(new(YqOp.Environment, 52, Text: "text"), "strenv");
        add(new(YqOp.EnvironmentSubstitute, 50), "envsubst");
    }
}
