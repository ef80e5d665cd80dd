namespace Lima.Cli.Shell;

/// <summary>Words for a POSIX shell, and back.</summary>
internal static class ShellQuote
{
    /// <summary>The word, in quotes when a shell would see anything special in it.</summary>
    public static string Word(string word)
    {
        if (word.Length == 0) return "''";
        return word.All(IsPlain) ? word : "'" + word.Replace("'", "'\"'\"'") + "'";
    }

    /// <summary>Whether a word is <c>NAME=value</c>, which a shell takes for an assignment.</summary>
    public static bool IsAssignment(string word)
    {
        var equals = word.IndexOf('=');
        return equals > 0
            && (char.IsAsciiLetter(word[0]) || word[0] == '_')
            && word.AsSpan(1, equals - 1).IndexOfAnyExcept(NameCharacters) < 0;
    }

    /// <summary>An assignment with only its value quoted, so that it stays one.</summary>
    public static string Assignment(string word)
    {
        var equals = word.IndexOf('=');
        return word[..(equals + 1)] + Word(word[(equals + 1)..]);
    }

    /// <summary>Splits a command line at blanks, with single and double quotes and backslashes.</summary>
    /// <exception cref="CliException">A quote is not closed.</exception>
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        char quote = '\0';
        var started = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && quote != '\'' && i + 1 < line.Length)
            {
                word.Append(line[++i]);
                started = true;
            }
            else if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && (c is '\'' or '"'))
            {
                quote = c;
                started = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (started) words.Add(word.ToString());
                word.Clear();
                started = false;
            }
            else
            {
                word.Append(c);
                started = true;
            }
        }

        if (quote != '\0') throw new CliException($"a quote is not closed in `{line}`");
        if (started) words.Add(word.ToString());
        return words;
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || "_@%+=:,./-".Contains(c);
}
