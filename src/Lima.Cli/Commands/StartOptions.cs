namespace Lima.Cli.Commands;

/// <summary>How to start.</summary>
/// <param name="Timeout">How long it may take.</param>
/// <param name="GuestLines">Also show the guest's lines where there is no terminal.</param>
internal sealed record StartOptions(TimeSpan Timeout, bool GuestLines)
{
    /// <summary>Ten minutes, as in Lima.</summary>
    public static StartOptions Default { get; } = new(TimeSpan.FromMinutes(10), false);
}
