namespace Lima.Cli.Syncing;

/// <summary>How much a directory was changed, by what rsync would do.</summary>
/// <param name="Added">New files, directories and links.</param>
/// <param name="Deleted">What is no more.</param>
/// <param name="Modified">Changed contents.</param>
/// <param name="Metadata">Only times or modes changed.</param>
internal sealed record SyncChanges(int Added, int Deleted, int Modified, int Metadata)
{
    private const int AttributesFrom = 2;
    private const int AttributesTo = 11;

    /// <summary>Whether nothing was changed.</summary>
    public bool None => Added + Deleted + Modified + Metadata == 0;

    /// <summary>
    /// Counts the lines of <c>rsync --itemize-changes</c>: how an item is updated, what it is, nine attributes, a blank, its
    /// name. What is no such line is passed over.
    /// </summary>
    public static SyncChanges Parse(string list)
    {
        int added = 0, deleted = 0, modified = 0, metadata = 0;
        foreach (var line in list.Split('\n'))
        {
            if (line.StartsWith("*deleting", StringComparison.Ordinal)) deleted++;
            if (line.Length <= AttributesTo || line[AttributesTo] != ' ') continue;
            switch (line[0])
            {
                case '<' or '>' or 'c' when line[AttributesFrom] == '+':
                    added++;
                    break;
                case '<' or '>' or 'c':
                    modified++;
                    break;
                case '.' when line.AsSpan(AttributesFrom, AttributesTo - AttributesFrom).IndexOfAnyExcept('.', ' ') >= 0:
                    metadata++;
                    break;
            }
        }

        return new SyncChanges(added, deleted, modified, metadata);
    }

    /// <summary><c>added: 1, deleted: 0, modified: 2, metadata: 3</c>.</summary>
    public override string ToString() => $"added: {Added}, deleted: {Deleted}, modified: {Modified}, metadata: {Metadata}";
}
