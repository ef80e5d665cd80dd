using Lima.Domain.Specs;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Disks: names of further ones, and that the main one only grows.</summary>
public static class DiskRules
{
    internal static void Check(Reading reading)
    {
        var i = 0;
        foreach (var disk in reading.Root.Items("additionalDisks"))
        {
            if (NameProblem(disk.Text("name") ?? "") is { } problem)
            {
                reading.Problems.Error(disk.Start, $"additionalDisks[{i}].name", $"field `additionalDisks[{i}].name is invalid`: {problem}");
            }

            i++;
        }
    }

    /// <summary>What is wrong with changing the size of an instance's disk; null when nothing is.</summary>
    /// <param name="from">Size as it was written, or filled in, before.</param>
    /// <param name="to">Size as it is written now; null when it says nothing.</param>
    public static string? ShrinkProblem(string? from, string? to)
    {
        if (from is null || to is null || SizeText.Parse(from) is not { } before || SizeText.Parse(to) is not { } after) return null;
        return after < before ? $"field `disk`: shrinking the disk ({Shown.Value(from)} --> {Shown.Value(to)}) is not supported" : null;
    }

    private static string? NameProblem(string name) => name switch
    {
        "" => "identifier must not be empty",
        { Length: > Identifier.LengthMax } => $"identifier is longer than {Identifier.LengthMax} characters",
        _ when !Identifier.IsWellFormed(name) => $"identifier `{Shown.Value(name)}` must be letters and digits, joined by single `.`, `_` or `-`",
        _ => null,
    };
}
