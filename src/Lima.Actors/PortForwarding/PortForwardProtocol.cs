using Lima.Domain.PortForwarding;

namespace Lima.Actors.PortForwarding;

/// <summary>What a VM and the keeper of its forwards say to each other about rules.</summary>
internal static class PortForwardProtocol
{
    /// <summary>The keeper asks for the rules that were given live; answered with <see cref="RulesAre"/>.</summary>
    public sealed class WhichRules
    {
        public static readonly WhichRules Instance = new();
    }

    /// <summary>The rules that were given live.</summary>
    public sealed record RulesAre(LiveRules Rules);
}
