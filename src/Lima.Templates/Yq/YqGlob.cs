namespace Lima.Templates.Yq;

/// <summary>Texts with wildcards, as keys in paths and the right side of <c>==</c> may be.</summary>
internal static class YqGlob
{
    /// <summary>Whether a text fits a pattern in which <c>*</c> stands for any characters and <c>?</c> for one; takes time in proportion to both.</summary>
    public static bool Matches(string text, string pattern, YqBudget budget)
    {
        if (pattern.Length == 0) return text.Length == 0;
        if (!pattern.Contains('*') && pattern.Length != text.Length) return false;
        var (t, p, star, retry) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, retry, p) = (p, t, p + 1);
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t])) (t, p) = (t + 1, p + 1);
            else if (star >= 0)
            {
                budget.Scan(1 + t - retry);
                (p, t) = (star + 1, ++retry);
            }
            else return false;
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
