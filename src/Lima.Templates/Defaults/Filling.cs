using System.Collections.Immutable;
using Lima.Templates.Expressions;
using Lima.Templates.GoTemplates;

namespace Lima.Templates.Defaults;

/// <summary>What the fillers share while one template is filled.</summary>
internal sealed class Filling(HostFacts host, InstanceFacts instance, ImmutableSortedDictionary<string, string> param, ProblemList problems)
{
    public HostFacts Host => host;

    public InstanceFacts Instance => instance;

    public ProblemList Problems => problems;

    /// <summary>Guest operating system in Lima's words.</summary>
    public string Os { get; set; } = "Linux";

    /// <summary>Guest architecture in Lima's words.</summary>
    public string Arch { get; set; } = host.Arch;

    /// <summary>Variables for texts of the guest; the user must be known.</summary>
    public GoMap Guest { get; private set; } = TemplateData.ForGuest(instance, "", 0, "", param);

    /// <summary>Variables for places of the host.</summary>
    public GoMap HostSide { get; } = TemplateData.ForHost(instance, host, param);

    /// <summary>Tells whom the guest's texts are about.</summary>
    public void SetUser(string name, long uid, string home) => Guest = TemplateData.ForGuest(instance, name, uid, home, param);

    /// <summary>Expands a text of the guest in its place.</summary>
    public void ExpandGuest(Draft draft, string key) => Expand(draft, key, Guest);

    /// <summary>Expands a place of the host in its place; false when it is left as written.</summary>
    public bool ExpandHost(Draft draft, string key) => Expand(draft, key, HostSide);

    private bool Expand(Draft draft, string key, GoMap data)
    {
        if (draft.Text(key) is not { Length: > 0 } text) return true;
        var expanded = TemplateText.Expand(text, data, out var problem);
        if (expanded is null) problems.Warning(draft[key]!.At, draft.FieldPath(key), $"field `{draft.FieldPath(key)}` is left as written: {problem}");
        else if (!ReferenceEquals(expanded, text)) draft.Set(key, expanded);
        return expanded is not null;
    }
}
