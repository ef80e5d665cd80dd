namespace Lima.Domain.PortForwarding;

/// <summary>Which ports of the host may stand in for one that cannot be had.</summary>
public static class HostPortChoice
{
    /// <summary>How many are tried.</summary>
    public const int TriesMax = 64;

    private const int FirstUnprivileged = 1024, PortMax = 65535;

    // As people write them: 8080 for 80, 8443 for 443.
    private const int InPlaceOfPrivileged = 8000;

    /// <summary>The ends to try, the wanted one first; it alone where another would not do.</summary>
    /// <param name="forward">What is to be forwarded.</param>
    /// <param name="reserved">Ends that others of this VM want; they are left to them.</param>
    public static IEnumerable<ForwardEnd> Of(Forward forward, IReadOnlySet<ForwardEnd> reserved)
    {
        yield return forward.Host;
        if (!forward.AnyHostPort || forward.Host.IsSocket) yield break;
        var first = forward.Host.Port < FirstUnprivileged ? forward.Host.Port + InPlaceOfPrivileged : forward.Host.Port + 1;
        for (var (port, tries) = (first, 1); tries < TriesMax; port++, tries++)
        {
            var end = forward.Host with { Port = port <= PortMax ? port : FirstUnprivileged + (port - PortMax - 1) };
            if (!reserved.Contains(end)) yield return end;
        }
    }
}
