namespace Lima.Cli.Output;

/// <summary>Has the user choose one of several things.</summary>
internal static class Menu
{
    /// <summary>Position of the choice; null when the input ends before there is one.</summary>
    /// <param name="context">Where to ask; progress and messages keep out of the way.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="choices">What there is to choose from; the first is meant by an empty answer.</param>
    /// <exception cref="CliException">The user pressed Ctrl-C.</exception>
    public static async Task<int?> AskAsync(CliContext context, string question, params string[] choices)
    {
        var world = context.World;
        var interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var handler = world.OnInterrupt(() => interrupted.TrySetResult());
        world.Error.Write(question + "\n" + string.Concat(choices.Select((choice, n) => $"  {n + 1}) {choice}\n")));
        while (true)
        {
            world.Error.Write($"Choose 1-{choices.Length} [1]: ");
            // Reading from a terminal cannot be called off; the process ends with this read still waiting.
            var line = Task.Run(() => world.In.Value.ReadLine());
            if (await Task.WhenAny(line, interrupted.Task) != line)
            {
                world.Error.Write("\n");
                throw new CliException("Interrupted by user", exitCode: ExitCodes.Interrupted);
            }

            if (await line is not { } answer) return null;
            if (Meant(answer.Trim(), choices) is { } choice) return choice;
        }
    }

    // A number, or the beginning of one choice alone.
    private static int? Meant(string answer, string[] choices)
    {
        if (answer.Length == 0) return 0;
        if (int.TryParse(answer, out var number)) return number >= 1 && number <= choices.Length ? number - 1 : null;
        var found = choices.Index().Where(choice => choice.Item.StartsWith(answer, StringComparison.OrdinalIgnoreCase)).Select(choice => choice.Index).ToList();
        return found is [var only] ? only : null;
    }
}
