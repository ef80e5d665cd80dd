namespace Lima.Domain.Specs;

/// <summary>Sound.</summary>
public sealed record AudioSpec
{
    /// <summary>QEMU's back end (<c>pa</c>, <c>default</c>); empty or <c>none</c> is silence.</summary>
    public string Device { get; init; } = "";

    /// <summary>What the guest sees: <c>hda</c>, <c>virtio</c>, or empty for the usual one.</summary>
    public string Interface { get; init; } = "";
}

/// <summary>The screen over the network.</summary>
public sealed record VncSpec
{
    /// <summary>QEMU's address of the display (<c>127.0.0.1:0,to=9</c>), used when the display is <c>vnc</c>.</summary>
    public string Display { get; init; } = "127.0.0.1:0,to=9";
}
