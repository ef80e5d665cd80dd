using Lima.Templates.Documents;

namespace Lima.Templates.Yq.Formats;

/// <summary>Reading and naming of formats.</summary>
public static class YqFormats
{
    /// <summary>The format of a name or its short form; null, with the reason, when there is none.</summary>
    public static YqFormat? Parse(string name, out string problem)
    {
        problem = "";
        YqFormat? format = name switch
        {
            "yaml" or "y" or "yml" => YqFormat.Yaml,
            "json" or "j" => YqFormat.Json,
            "props" or "p" or "properties" => YqFormat.Props,
            "csv" or "c" => YqFormat.Csv,
            "tsv" or "t" => YqFormat.Tsv,
            "xml" or "x" => YqFormat.Xml,
            "toml" => YqFormat.Toml,
            "ini" or "i" => YqFormat.Ini,
            _ => null,
        };
        if (format is null) problem = Unknown(name);
        return format;
    }

    /// <summary>The format that a file name's ending names; YAML when it names none that is known.</summary>
    public static YqFormat OfFile(string path) => Path.GetExtension(path).TrimStart('.').ToLowerInvariant() switch
    {
        "json" => YqFormat.Json,
        "properties" => YqFormat.Props,
        "csv" => YqFormat.Csv,
        "tsv" => YqFormat.Tsv,
        "xml" => YqFormat.Xml,
        "toml" => YqFormat.Toml,
        "ini" => YqFormat.Ini,
        _ => YqFormat.Yaml,
    };

    private static string Unknown(string name) => name switch
    {
        "lua" or "l" or "hcl" or "h" or "kyaml" or "ky" or "shell" or "s" or "base64" or "uri" =>
            $"the format `{name}` of yq is not supported; there are yaml, json, props, csv, tsv, xml, toml and ini",
        _ => $"unknown format '{Yaml.Shown.Value(name)}' please use [yaml json props csv tsv xml toml ini]",
    };

    /// <summary>The documents of a text in a format; throws what the caller turns into a problem.</summary>
    internal static List<DocFile> Read(string text, string source, YqFormat format)
    {
        switch (format)
        {
            case YqFormat.Json:
                return JsonFormat.Read(text, source).ConvertAll(root => new DocFile(root));
            case YqFormat.Props:
                return [new DocFile(PropsFormat.Read(text, source))];
            case YqFormat.Csv or YqFormat.Tsv:
                return [new DocFile(CsvFormat.Read(text, format == YqFormat.Csv ? ',' : '\t', source))];
            case YqFormat.Xml:
                return [new DocFile(XmlFormatReader.Read(text, source))];
            case YqFormat.Toml:
                return [new DocFile(TomlReader.Read(text, source))];
            case YqFormat.Ini:
                return [new DocFile(IniFormat.Read(text, source))];
            default:
                if (DocReader.Read(text, source, out var problems) is { } read) return [.. read];
                throw new YqException($"bad file '{source}': " + string.Join("; ", problems.Select(problem => problem.Line > 0 ? $"yaml: line {problem.Line}: {problem.Message}" : problem.Message)));
        }
    }
}
