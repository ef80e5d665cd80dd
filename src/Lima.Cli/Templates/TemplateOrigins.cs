namespace Lima.Cli.Templates;

/// <summary>Addresses that <c>github:</c> stands for.</summary>
/// <param name="Api">Answers <c>repos/ORG/REPO</c>.</param>
/// <param name="Raw">Holds the content of files under <c>ORG/REPO/REF/PATH</c>.</param>
/// <param name="Limit">Longest time for one request, its answer included.</param>
internal sealed record TemplateOrigins(string Api, string Raw, TimeSpan Limit)
{
    /// <summary>The real ones.</summary>
    public static TemplateOrigins Real { get; } = new("https://api.github.com", "https://raw.githubusercontent.com", TimeSpan.FromSeconds(60));
}
