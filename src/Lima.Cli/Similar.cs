namespace Lima.Cli;

/// <summary>Finds what somebody who mistyped may have meant.</summary>
internal static class Similar
{
    private const int DistanceMax = 2;

    /// <summary>The nearest word, if it is at most two edits away; null otherwise.</summary>
    public static string? Best(string typed, IEnumerable<string> words) => words
        .Select(word => (Word: word, Distance: Distance(typed, word)))
        .Where(pair => pair.Distance <= DistanceMax && pair.Distance < pair.Word.Length)
        .OrderBy(pair => pair.Distance)
        .Select(pair => pair.Word)
        .FirstOrDefault();

    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            previous = current;
        }

        return previous[b.Length];
    }
}
