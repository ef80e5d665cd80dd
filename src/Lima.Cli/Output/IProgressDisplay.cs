using Lima.Contracts;

namespace Lima.Cli.Output;

/// <summary>Shows how a long operation goes.</summary>
internal interface IProgressDisplay : IDisposable
{
    /// <summary>A stored event.</summary>
    void Happened(EventView happened);

    /// <summary>Passing news.</summary>
    void Progress(ProgressView news);
}

/// <summary>Shows nothing.</summary>
internal sealed class SilentProgress : IProgressDisplay
{
    /// <inheritdoc/>
    public void Happened(EventView happened)
    {
    }

    /// <inheritdoc/>
    public void Progress(ProgressView news)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
