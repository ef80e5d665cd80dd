using Lima.Drivers.Instances;
using Lima.Templates;

namespace Lima.Host.Specs;

/// <summary>
/// The user's <c>_config/default.yaml</c> and <c>override.yaml</c>, which shape every instance, also those that exist
/// already, and <c>networks.yaml</c>, which says what they may name. They are read again only when they have changed.
/// </summary>
internal sealed class UserLayers(LimaHome home)
{
    private Texts _texts = new("", null, null, null);

    /// <summary>What the files say now.</summary>
    /// <exception cref="IOException">One of them is there and cannot be read.</exception>
    public Texts Read()
    {
        var (defaults, overrides, networks) = (File("default.yaml"), File("override.yaml"), File("networks.yaml"));
        var stamp = $"{Stamp(defaults)} {Stamp(overrides)} {Stamp(networks)}";
        var texts = Volatile.Read(ref _texts);
        if (texts.Stamp == stamp) return texts;
        texts = new Texts(stamp, Text(defaults), Text(overrides), Text(networks));
        Volatile.Write(ref _texts, texts);
        return texts;
    }

    private FileInfo File(string name) => new(Path.Combine(home.ConfigDirectory, name));

    private static string Stamp(FileInfo file) => file.Exists ? $"{file.LastWriteTimeUtc.Ticks}.{file.Length}" : "";

    private static SourceText? Text(FileInfo file)
    {
        try
        {
            return file.Exists ? new SourceText(System.IO.File.ReadAllText(file.FullName), file.FullName) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{file.FullName}, which counts for every instance, cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The files at one moment.</summary>
    /// <param name="Stamp">Differs when they differ.</param>
    /// <param name="Default">What holds where an instance says nothing.</param>
    /// <param name="Override">What holds whatever an instance says.</param>
    /// <param name="Networks">Networks that an instance may name.</param>
    internal sealed record Texts(string Stamp, SourceText? Default, SourceText? Override, SourceText? Networks)
    {
        /// <summary>A text with them around it.</summary>
        public TemplateLayers Around(string text, string source) => new(new SourceText(text, source), Default, Override);
    }
}
