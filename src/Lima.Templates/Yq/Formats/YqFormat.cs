namespace Lima.Templates.Yq.Formats;

/// <summary>Formats that documents can have.</summary>
public enum YqFormat
{
    /// <summary>YAML.</summary>
    Yaml,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>Java's properties.</summary>
    Props,

    /// <summary>Comma separated values.</summary>
    Csv,

    /// <summary>Tab separated values.</summary>
    Tsv,

    /// <summary>XML.</summary>
    Xml,

    /// <summary>TOML.</summary>
    Toml,

    /// <summary>INI files.</summary>
    Ini,
}
