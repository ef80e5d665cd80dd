namespace Lima.Cli.Plugins;

/// <summary>A program <c>limactl-NAME</c> that acts as the command <c>limactl NAME</c>.</summary>
/// <param name="Name">Name of the command.</param>
/// <param name="Path">The program.</param>
/// <param name="Description">What a script says of itself between <c>&lt;limactl-desc&gt;</c> tags; empty otherwise.</param>
internal sealed record Plugin(string Name, string Path, string Description);
