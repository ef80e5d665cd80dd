using System.Collections.Immutable;
using Lima.Templates.Yaml;

namespace Lima.Templates;

/// <summary>Gathers errors and warnings of one reading; bounded, since a hostile text can be wrong in a million places.</summary>
internal sealed class ProblemList
{
    /// <summary>Most problems kept of either kind; one more says that there are others.</summary>
    public const int CountMax = 100;

    private readonly string _file;
    private readonly ImmutableArray<Problem>.Builder _errors;
    private readonly ImmutableArray<Problem>.Builder _warnings;

    public ProblemList(string file)
        : this(file, ImmutableArray.CreateBuilder<Problem>(), ImmutableArray.CreateBuilder<Problem>())
    {
    }

    private ProblemList(string file, ImmutableArray<Problem>.Builder errors, ImmutableArray<Problem>.Builder warnings) =>
        (_file, _errors, _warnings) = (file, errors, warnings);

    public bool HasErrors => _errors.Count > 0;

    public ImmutableArray<Problem> Errors => _errors.ToImmutable();

    public ImmutableArray<Problem> Warnings => _warnings.ToImmutable();

    /// <summary>The same list, for another file where a problem has no place.</summary>
    public ProblemList For(string file) => new(file, _errors, _warnings);

    public void Error(Position at, string field, string message) => Add(_errors, at, field, message);

    /// <summary>An error about something that is missing, so that no line can be named.</summary>
    public void Error(string field, string message) => Add(_errors, new Position(_file, 0, 0), field, message);

    public void Warning(Position at, string field, string message) => Add(_warnings, at, field, message);

    public void Warning(string field, string message) => Add(_warnings, new Position(_file, 0, 0), field, message);

    private static void Add(ImmutableArray<Problem>.Builder to, Position at, string field, string message)
    {
        if (to.Count < CountMax) to.Add(new Problem(at.File, at.Line, at.Column, field, message));
        else if (to.Count == CountMax) to.Add(new Problem(at.File, 0, 0, "", $"more than {CountMax} problems; the others are not shown"));
    }
}
