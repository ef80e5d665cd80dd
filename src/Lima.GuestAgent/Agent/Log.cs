namespace Lima.GuestAgent.Agent;

/// <summary>Lines for the guest's journal.</summary>
internal static class Log
{
    /// <summary>One line on standard error; a reader that has gone is no failure.</summary>
    public static void Say(string text)
    {
        try
        {
            Console.Error.WriteLine($"lima-guestagent: {text}");
        }
        catch (IOException)
        {
            // Nobody reads.
        }
    }
}
