using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Templates;

/// <summary>What became of a template.</summary>
/// <param name="Spec">The instance to be; null exactly when there are errors.</param>
/// <param name="Text">Text to keep as the instance's <c>lima.yaml</c>: as given, or with its bases merged in; as given when there are errors.</param>
/// <param name="Errors">Everything that must be changed: first what is no YAML or of the wrong type, in file
/// order, then what breaks a rule, in field order.</param>
/// <param name="Warnings">What the user should know and may leave.</param>
/// <param name="NotYetInEffect">Fields that are set, are valid, and change nothing in this version; with their lines.</param>
public sealed record TemplateResult(
    VmSpec? Spec,
    string Text,
    ImmutableArray<Problem> Errors,
    ImmutableArray<Problem> Warnings,
    ImmutableArray<string> NotYetInEffect)
{
    /// <summary>The configuration in full; null when a text cannot be read or has a value of a wrong type.</summary>
    public FilledTemplate? Filled { get; init; }
}

/// <summary>A template in full, of which the rules were not looked at.</summary>
/// <param name="Filled">The configuration; null exactly when there are errors.</param>
/// <param name="Errors">What stood in the way.</param>
/// <param name="Warnings">What the user should know.</param>
public sealed record FilledResult(FilledTemplate? Filled, ImmutableArray<Problem> Errors, ImmutableArray<Problem> Warnings);

/// <summary>A template with its bases merged in.</summary>
/// <param name="Text">Self-contained text; as given when there were no bases or when there are errors.</param>
/// <param name="Errors">What stood in the way.</param>
/// <param name="Warnings">What the user should know.</param>
public sealed record EmbeddedTemplate(string Text, ImmutableArray<Problem> Errors, ImmutableArray<Problem> Warnings);
