using System.CommandLine;
using Lima.Cli.Edits;
using Lima.Cli.Templates;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Templates;
using Lima.Templates.Validation;

namespace Lima.Cli.Commands;

/// <summary><c>limactl edit</c>: the configuration of an instance, or a file.</summary>
internal sealed class EditCommand : CliCommand
{
    private readonly Argument<string?> _target = new("INSTANCE|FILE.yaml")
    {
        Description = "instance or file to edit (default: `default`)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly StartAfter _start;
    private readonly EditFlags _flags;

    public EditCommand() : base(
        "edit", "Edit an instance or a template", CommandGroup.Basic,
        "limactl edit web", "limactl edit --cpus=4 --memory=8 web", "limactl edit --set '.ssh.forwardAgent = true' --start web", "limactl edit ./my.yaml")
    {
        Add(_target);
        _start = new StartAfter(this, "editing");
        _flags = new EditFlags(this);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        context.WarnYes();
        var target = parsed.GetValue(_target) is { Length: > 0 } given ? given : context.DefaultInstance;
        return VmName.TryParse(target, out _, out _) ? InstanceAsync(parsed, context, target, cancel) : FileAsync(parsed, context, target, cancel);
    }

    private async Task<int> InstanceAsync(ParseResult parsed, CliContext context, string name, CancellationToken cancel)
    {
        var work = new InstanceWork(context);
        var instance = await work.RequireAsync(name, cancel);
        if (instance.Status is "Running" or "Starting" or "Paused")
            throw new CliException("cannot edit a running instance", $"stop it first: `limactl stop {name}`");
        var path = Path.Combine(instance.Dir, "lima.yaml");
        var text = EditText.Read(path);
        if (await ChangeAsync(parsed, context, text, path, $"Lima instance `{name}`", [.. instance.Param?.Keys ?? []], cancel) is not { } changed) return ExitCodes.Success;
        await work.EditAsync(name, changed, cancel);
        context.Log.Info($"Instance `{name}` configuration edited");
        await _start.RunAsync(parsed, context, name, cancel);
        return ExitCodes.Success;
    }

    private async Task<int> FileAsync(ParseResult parsed, CliContext context, string file, CancellationToken cancel)
    {
        var path = Path.GetFullPath(file.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(context.World.UserHome, file[2..]) : file, context.World.WorkingDirectory);
        var text = EditText.Read(path);
        var parameters = Check(text, path, context).Spec?.Params.Keys ?? [];
        if (await ChangeAsync(parsed, context, text, path, $"`{path}`", [.. parameters], cancel) is not { } changed) return ExitCodes.Success;
        var result = Check(changed, path, context);
        List<ProblemView> problems = [.. result.Errors.Select(TemplateBases.View)];
        if (EditRules.ShrunkDisk(text, changed, path) is { } shrunk) problems.Add(TemplateBases.View(shrunk));
        if (problems.Count > 0) throw Rejected.Save(changed, $"`{path}` would have {TemplateBases.Count(problems.Count)}", problems, context.World);
        Write(path, changed);
        return ExitCodes.Success;
    }

    /// <summary>The new text by flags or by editor; null when there is nothing to do, which has been told.</summary>
    private async Task<string?> ChangeAsync(
        ParseResult parsed, CliContext context, string text, string path, string what, IReadOnlyCollection<string> parameters, CancellationToken cancel)
    {
        var changed = _flags.Any(parsed) ? FlagChange.Apply(_flags, parsed, text, path, parameters, context)
            : context.MayAsk ? await new Editor(context.World).ChangeAsync(text, Explanation(what), cancel)
            : "";
        if (changed.Length == 0) context.Log.Info("Aborting, as requested by saving the file with empty content");
        else if (changed == text) context.Log.Info("Aborting, no changes made to the instance");
        return changed.Length == 0 || changed == text ? null : changed;
    }

    private static string[] Explanation(string what) => [$"Please edit the following configuration for {what}", "and an empty file will abort the edit."];

    private static TemplateResult Check(string text, string path, CliContext context) => new TemplateSources(context).Check(new TemplateText(path, text, path));

    /// <summary>The file keeps its mode, and a link stays a link to the file that is changed.</summary>
    private static void Write(string path, string text)
    {
        var file = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        var temporary = $"{file}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(file));
                stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new CliException($"cannot write `{path}`: {e.Message}", "check its permissions and free space");
        }
    }
}
