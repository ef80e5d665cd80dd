using System.Collections.Immutable;

namespace Lima.Drivers.Processes;

/// <summary>A process to be launched, as a value: what runs is decided by pure functions and compared whole in tests.</summary>
/// <param name="Program">Absolute path, or a name to look up in PATH.</param>
/// <param name="Arguments">Arguments, one each; no shell ever sees them.</param>
/// <param name="Environment">Variables to add to or replace in the inherited environment.</param>
public sealed record ProcessSpec(string Program, ImmutableArray<string> Arguments, ImmutableDictionary<string, string>? Environment = null);
