using System.Text.Json;
using Lima.Actors.PortForwarding;
using Lima.Contracts;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Host.Api;

/// <summary>Forwards as clients see them.</summary>
internal static class PortViews
{
    /// <summary>Those of one VM; null when there are none.</summary>
    public static IReadOnlyList<PortView>? Of(VmForwards all) =>
        all.Forwards.IsEmpty && all.Waiting.IsEmpty && all.Ignored.IsEmpty
            ? null
            : [.. all.Forwards.Select(Of), .. all.Waiting.Select(rule => Of(rule, "waiting")), .. all.Ignored.Select(rule => Of(rule, "ignored"))];

    /// <summary>A rule by which nothing is forwarded now.</summary>
    public static PortView Of(PortForwardSpec rule, string state) => new()
    {
        Protocol = Word(rule.Protocol),
        GuestAddress = PortRuleText.GuestEnd(rule),
        HostAddress = rule.Ignore ? "" : PortRuleText.HostEnd(rule),
        State = state,
        Rule = PortRuleText.Of(rule),
        Reverse = rule.Reverse,
    };

    /// <summary>An event that falls behind the stored one of that number.</summary>
    public static EventView Of(PortForwardNews news, long after) => new()
    {
        Sequence = after,
        Time = news.At,
        Id = news.Id.Value,
        Instance = news.Name,
        Type = $"port.{news.Type}",
        Text = Text(news),
        Data = JsonSerializer.SerializeToElement(
            new PortEventData(news.Type, news.Protocol, news.GuestAddress, OrNull(news.HostAddress), OrNull(news.Error)), ContractsJson.Default.PortEventData),
    };

    private static PortView Of(PortForwardStatus status) => new()
    {
        Protocol = Word(status.Forward.Protocol),
        GuestAddress = status.Forward.Guest.ToString(),
        HostAddress = status.Host.ToString(),
        State = status.IsForwarding ? "forwarding" : status.Elsewhere is null ? "failed" : "taken",
        Path = OrNull(status.Path),
        Problem = Problem(status),
        Rule = status.Rule is { } rule ? PortRuleText.Of(rule) : null,
        Own = status.Forward.IsOwn,
        Reverse = status.Forward.Reverse,
    };

    private static CauseView? Problem(PortForwardStatus status)
    {
        if (status.Problem is not { } problem) return null;
        return Views.Of(status.Elsewhere is { } elsewhere ? problem with { Hint = $"use {elsewhere}" + (problem.Hint.Length == 0 ? "" : $", or {problem.Hint}") } : problem);
    }

    private static string Text(PortForwardNews news)
    {
        var protocol = news.Protocol.ToUpperInvariant();
        var ends = news.HostAddress.Length == 0 ? $"{protocol} {news.GuestAddress}" : $"{protocol} from {news.GuestAddress} to {news.HostAddress}";
        var why = news.Error.Length == 0 ? "" : $": {news.Error}";
        return news.Type switch
        {
            PortForwardEvents.Forwarding => $"Forwarding {ends}{why}",
            PortForwardEvents.Stopped => $"Stopping forwarding {ends}{why}",
            PortForwardEvents.NotForwarding => $"Not forwarding {ends}{why}",
            _ => $"Failed to forward {ends}{why}",
        };
    }

    private static string Word(PortProtocol protocol) => protocol.ToString().ToLowerInvariant();

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
