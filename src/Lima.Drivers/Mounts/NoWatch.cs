namespace Lima.Drivers.Mounts;

/// <summary>A mount that the guest's kernel keeps by itself; there is nothing on the host that could break.</summary>
public sealed class NoWatch : ILiveMount
{
    private readonly TaskCompletionSource<string> _never = new();

    /// <inheritdoc/>
    public Task<string> Broken => _never.Task;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
