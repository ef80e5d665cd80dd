using System.Text;

namespace Lima.Cli.Output;

/// <summary>Left-aligned columns: each as wide as its widest cell, at least 4, and 4 blanks apart; the last is not padded.</summary>
internal static class Table
{
    private const int WidthMin = 4;
    private const int Gap = 4;

    /// <summary>Lays rows out; all have as many cells as the first.</summary>
    public static string Format(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (rows.Count == 0) return "";
        var widths = Widths(rows);
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Count; column++)
            {
                text.Append(row[column]);
                if (column < row.Count - 1) text.Append(' ', widths[column] - row[column].Length);
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Characters of the longest line.</summary>
    public static int Width(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = Widths(rows);
        return widths[..^1].Sum() + rows.Max(row => row[^1].Length);
    }

    private static int[] Widths(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = new int[rows[0].Count];
        foreach (var row in rows)
            for (var column = 0; column < row.Count; column++)
                widths[column] = Math.Max(widths[column], Math.Max(WidthMin, row[column].Length + Gap));
        return widths;
    }
}
