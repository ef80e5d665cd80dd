namespace Lima.Cli.Copying;

/// <summary>What is known of an operand before it is copied.</summary>
/// <param name="Operand">The operand.</param>
/// <param name="IsDirectory">It is a directory that exists.</param>
internal sealed record CopySide(CopyOperand Operand, bool IsDirectory);

/// <summary>Sources and target as rsync has to be given them.</summary>
internal sealed record CopyPlan(IReadOnlyList<CopyOperand> Sources, CopyOperand Target);

/// <summary>
/// rsync gives slashes at the end a meaning that scp does not: without one a directory is put into the target, with one its
/// contents are. Both are to leave the same files at the same places, those where <c>cp -r</c> would have put them.
/// </summary>
internal static class CopyLayout
{
    /// <summary>The operands with the slashes that make rsync do as scp does.</summary>
    /// <exception cref="CliException">A source is a directory and <paramref name="recursive"/> is false, or there is no directory for several sources.</exception>
    public static CopyPlan ForRsync(IReadOnlyList<CopySide> sources, CopySide target, bool recursive)
    {
        foreach (var source in sources.Where(source => source.IsDirectory && !recursive))
            throw new CliException($"`{source.Operand.Path}` is a directory (not copied)", "copy it with all that is in it: --recursive");
        if (target.IsDirectory) return new CopyPlan([.. sources.Select(source => Bare(source.Operand))], Slashed(target.Operand));
        if (sources.Count > 1 || (target.Operand.Path.EndsWith('/') && !sources[0].IsDirectory && !sources[0].Operand.IsPattern))
            throw new CliException($"`{target.Operand.Path}` is not a directory", "make it first, or copy one file to a name");
        // The target is to become what the source is, so what is copied are its contents.
        return new CopyPlan([sources[0].IsDirectory ? Slashed(sources[0].Operand) : sources[0].Operand], target.Operand);
    }

    private static CopyOperand Bare(CopyOperand operand) => operand.Path.TrimEnd('/') is { Length: > 0 } bare ? operand with { Path = bare } : operand;

    private static CopyOperand Slashed(CopyOperand operand) =>
        operand.Path.Length == 0 || operand.Path.EndsWith('/') ? operand : operand with { Path = operand.Path + "/" };
}
