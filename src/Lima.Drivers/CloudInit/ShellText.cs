namespace Lima.Drivers.CloudInit;

/// <summary>Words for the guest's shell.</summary>
internal static class ShellText
{
    /// <summary>
    /// The text as one word. Plain words stay as they are, so that a reader of <c>KEY=value</c> lines that knows no
    /// quoting gets them right, too.
    /// </summary>
    public static string Quote(string text) => text.All(IsPlain) ? text : $"'{text.Replace("'", "'\\''")}'";

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || "_-+=:,./@%".Contains(letter);
}
