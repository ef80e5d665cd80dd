using Lima.Domain.PortForwarding;

namespace Lima.Drivers.PortForwarding;

/// <summary>A forward of which another way serves the second address.</summary>
/// <param name="first">The forward.</param>
/// <param name="second">The other one; null where it cannot be had.</param>
/// <param name="warning">Why not; empty when all is well.</param>
internal sealed class PairedForward(IOpenForward first, IOpenForward? second, string warning) : IOpenForward
{
    /// <inheritdoc/>
    public string Path => first.Path;

    /// <inheritdoc/>
    public string Warning => first.Warning.Length > 0 ? first.Warning : warning;

    /// <inheritdoc/>
    public bool Redirect(ForwardEnd guest) => first.Redirect(guest) && second?.Redirect(guest) != false;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (second is not null) await second.DisposeAsync();
        await first.DisposeAsync();
    }
}
