namespace Lima.Cli.Commands;

/// <summary>Texts of <c>limactl help TOPIC</c> that belong to no single command.</summary>
internal static class HelpTopics
{
    private const string YqRestrictions = """
        Expressions of yq, and what they may not do

        `--set`, `list --yq`, `list --filter`, `info --yq` and `template yq` take expressions in the
        language of yq v4. They often come from files of others, so they see only the
        document they are applied to. Disabled are:

          env(NAME), strenv(NAME), envsubst   variables of your environment
          load(FILE), load_str(FILE), …       files of yours
          system(COMMAND)                     programs

        An expression that uses one of them fails, and nothing is changed.
        `limactl yq` is the whole program: there, the first two are allowed unless
        --security-disable-env-ops or --security-disable-file-ops is given.

        Examples:
          limactl edit --set '.cpus = 4 | .memory = "8GiB"' web
          limactl create --set '.mounts += [{"location": "~/src", "writable": true}]'
          limactl list --yq '.config.images[0].location'

        """;

    /// <summary>Names of the topics with what they are about.</summary>
    public static IReadOnlyList<(string Name, string About)> All { get; } = [("yq-restrictions", "what expressions of yq may not do")];

    /// <summary>The text of a topic; null when there is none of that name.</summary>
    public static string? Text(string topic) => topic == "yq-restrictions" ? YqRestrictions : null;
}
