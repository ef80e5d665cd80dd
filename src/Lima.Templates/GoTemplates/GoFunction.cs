namespace Lima.Templates.GoTemplates;

/// <summary>A function that templates can call.</summary>
/// <param name="arguments">Its arguments; a value from a pipe comes last.</param>
/// <param name="result">What it gives.</param>
/// <param name="problem">Why it gives nothing; empty when it does.</param>
/// <returns>Whether there is a result.</returns>
public delegate bool GoFunction(IReadOnlyList<GoValue> arguments, out GoValue result, out string problem);
