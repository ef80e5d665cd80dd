namespace Lima.Drivers;

/// <summary>How far a step that takes more than a moment has come.</summary>
/// <param name="Step">Short name of the step, in the user's words (<c>downloading the image</c>).</param>
/// <param name="Detail">What it works on or last printed; empty when there is nothing to add.</param>
/// <param name="Done">Units done, in bytes for transfers; null when not known.</param>
/// <param name="Total">Units in all; null when not known.</param>
public sealed record StepProgress(string Step, string Detail = "", long? Done = null, long? Total = null);
