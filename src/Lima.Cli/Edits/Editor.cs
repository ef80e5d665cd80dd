using System.ComponentModel;
using System.Diagnostics;
using Lima.Cli.Shell;

namespace Lima.Cli.Edits;

/// <summary>Lets the user change a text in the editor of their choice.</summary>
internal sealed class Editor(CliWorld world)
{
    private static readonly string[] Usual = ["editor", "vim", "vi", "emacs"];

    /// <summary>What the user made of the text; empty when they emptied it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="explanation">Shown above it as comments, and taken away again.</param>
    /// <param name="cancel">Ends the wait for the editor.</param>
    /// <exception cref="CliException">There is no editor, or it failed.</exception>
    public async Task<string> ChangeAsync(string text, IEnumerable<string> explanation, CancellationToken cancel)
    {
        var command = Find();
        var header = string.Concat(explanation.Select(line => $"# {line}\n")) + "\n";
        var directory = Directory.CreateTempSubdirectory("lima-edit-").FullName;
        try
        {
            var file = Path.Combine(directory, "lima.yaml");
            await File.WriteAllTextAsync(file, header + text, cancel);
            await RunAsync(command, file, cancel);
            var changed = await File.ReadAllTextAsync(file, cancel);
            if (changed.StartsWith(header, StringComparison.Ordinal)) changed = changed[header.Length..];
            return string.IsNullOrWhiteSpace(changed) ? "" : changed;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Program and its own arguments: <c>$VISUAL</c>, <c>$EDITOR</c>, else the first of the usual ones that there is.</summary>
    private IReadOnlyList<string> Find()
    {
        foreach (var words in new[] { world.Env("VISUAL"), world.Env("EDITOR") }.Where(given => !string.IsNullOrWhiteSpace(given)).Select(given => ShellQuote.Split(given!)))
        {
            if (words.Count > 0 && ExecRequest.Find(words[0], world.Env("PATH")) is { } program) return [program, .. words.Skip(1)];
        }

        return Usual.Select(name => ExecRequest.Find(name, world.Env("PATH"))).FirstOrDefault(found => found is not null) is { } usual
            ? [usual]
            : throw new CliException("could not detect a text editor binary", "set $EDITOR");
    }

    private static async Task RunAsync(IReadOnlyList<string> command, string file, CancellationToken cancel)
    {
        try
        {
            using var editor = Process.Start(new ProcessStartInfo(command[0], [.. command.Skip(1), file]) { UseShellExecute = false })!;
            await editor.WaitForExitAsync(cancel);
            if (editor.ExitCode != 0) throw new CliException($"could not execute the editor `{string.Join(' ', command)}`: it ended with status {editor.ExitCode}", "nothing was changed; set $EDITOR to another one");
        }
        catch (Win32Exception e)
        {
            throw new CliException($"could not execute the editor `{command[0]}`: {e.Message}", "set $EDITOR to another one");
        }
    }
}
