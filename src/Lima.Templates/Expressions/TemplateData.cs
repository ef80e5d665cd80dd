using System.Collections.Immutable;
using Lima.Templates.GoTemplates;
using Lima.Templates.Yaml;

namespace Lima.Templates.Expressions;

/// <summary>
/// What the texts of one instance may name. Parameters are those of the template itself: those of the user's other two
/// files do not reach texts.
/// </summary>
internal static class TemplateData
{
    /// <summary>For texts that go into the guest.</summary>
    public static GoMap ForGuest(InstanceFacts instance, string user, long uid, string home, ImmutableSortedDictionary<string, string> param) => Map(
        param, new GoInt(uid, "uint32"), ("Name", instance.Name), ("Hostname", instance.Hostname), ("User", user), ("Home", home));

    /// <summary>For texts about places of the host.</summary>
    public static GoMap ForHost(InstanceFacts instance, HostFacts host, ImmutableSortedDictionary<string, string> param) => Map(
        param, GoValue.Of(host.Uid.ToString()),
        ("Dir", instance.Directory), ("Name", instance.Name), ("User", host.UserName), ("Home", host.Home),
        ("GlobalTempDir", "/tmp"), ("TempDir", host.TempDir), ("Instance", instance.Name), ("LimaHome", LimaHome(instance, host)));

    /// <summary>The parameters of a template in canonical form.</summary>
    public static ImmutableSortedDictionary<string, string> ParamOf(YamlMap template) =>
        ((template["param"] as YamlMap)?.Entries ?? []).ToImmutableSortedDictionary(
            entry => entry.Key.Value, entry => YamlScalars.AsText(entry.Value) ?? "", StringComparer.Ordinal);

    /// <summary>The directory that instances are in.</summary>
    public static string LimaHome(InstanceFacts instance, HostFacts host) =>
        host.LimaHome.Length > 0 ? host.LimaHome : Path.GetDirectoryName(instance.Directory) ?? "/";

    private static GoMap Map(ImmutableSortedDictionary<string, string> param, GoValue uid, params (string Name, string Value)[] texts) => new(
        texts.Select(text => KeyValuePair.Create(text.Name, GoValue.Of(text.Value)))
            .Append(KeyValuePair.Create("UID", uid))
            .Append(KeyValuePair.Create("Param", (GoValue)GoValue.Of(param))));
}
