namespace Lima.Domain.Names;

/// <summary>
/// The names of instances: <c>NAME.lima.internal</c>, and <c>lima-NAME.internal</c> with dashes for dots and underscores, as in Lima. Names of
/// hosts have no underscores, so these may be dashes in the first form, too, as long as one instance alone can be meant.
/// </summary>
public static class VmZone
{
    /// <summary>The domain of the instances.</summary>
    public const string Domain = "lima." + Outer;

    /// <summary>The domain around it. It is not ours as a whole: others have names in it, too.</summary>
    public const string Outer = "internal";

    private const string HostnamePrefix = "lima-";

    /// <summary>Finds what a name means.</summary>
    /// <param name="name">Name that was asked for, without a dot at its end.</param>
    /// <param name="vms">Names of all instances.</param>
    /// <returns>Null when the name is none of ours; with an empty <see cref="Found.Vm"/> when it is, and there is no such instance.</returns>
    public static Found? Find(string name, IEnumerable<string> vms)
    {
        if (name.Equals(Domain, StringComparison.OrdinalIgnoreCase)) return new Found("", IsDomain: true);
        if (Before(name, "." + Domain) is { } inside) return new Found(Match(inside, vms) ?? "", IsDomain: false);
        return Before(name, "." + Outer) is { } host && host.StartsWith(HostnamePrefix, StringComparison.OrdinalIgnoreCase) &&
            Match(host[HostnamePrefix.Length..], vms) is { } vm
            ? new Found(vm, IsDomain: false)
            : null;
    }

    /// <summary>The names under which an instance is known, the plainest first.</summary>
    public static IReadOnlyList<string> NamesOf(string vm) => [$"{vm}.{Domain}", $"{HostnamePrefix}{Dashed(vm)}.{Outer}"];

    // The closest meaning wins; where it is not clear which one is meant, none is.
    private static string? Match(string text, IEnumerable<string> vms)
    {
        var all = vms.Where(vm => Same(Dashed(vm), Dashed(text))).ToList();
        return all.Find(vm => vm == text) ?? Only(all, vm => Same(vm, text)) ?? Only(all, _ => true);
    }

    private static string? Only(List<string> all, Predicate<string> fits) => all.FindAll(fits) is [var one] ? one : null;

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string Dashed(string name) => name.Replace('.', '-').Replace('_', '-');

    private static string? Before(string name, string end) =>
        name.Length > end.Length && name.EndsWith(end, StringComparison.OrdinalIgnoreCase) ? name[..^end.Length] : null;

    /// <summary>What a name of ours means.</summary>
    /// <param name="Vm">The instance; empty for none.</param>
    /// <param name="IsDomain">It is the domain itself, which exists and is no instance.</param>
    public sealed record Found(string Vm, bool IsDomain);
}
