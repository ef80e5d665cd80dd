using System.Text.Json;
using Lima.GuestAgent.Listeners;

namespace Lima.GuestAgent.Services;

/// <summary>
/// The Kubernetes services that are reached at ports of this machine, as events of <c>kubectl get service --watch</c> tell them. Such ports are
/// made by packet filters, so no socket listens there. Pure.
/// </summary>
internal sealed class ServiceTable
{
    private const int ServicesMax = 4096;

    private readonly Dictionary<(string Namespace, string Name), (int Round, Listening[] Ports)> _services = [];
    private int _round;

    /// <summary>The ports, on all addresses.</summary>
    public ListeningSet Ports => ListeningSet.Of([.. _services.Values.SelectMany(service => service.Ports)]);

    /// <summary>All services are about to be told anew; those that are not are gone at <see cref="EndRound"/>.</summary>
    public void BeginRound() => _round++;

    /// <summary>Forgets what has not been told since <see cref="BeginRound"/>.</summary>
    public void EndRound()
    {
        foreach (var (key, (round, _)) in _services)
            if (round != _round) _services.Remove(key);
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _services.Clear();

    /// <summary>Takes one event, a line of JSON; what is none, or none of a service, changes nothing.</summary>
    public void Apply(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (!Has(document.RootElement, "object", JsonValueKind.Object, out var service)) return;
            var metadata = Member(service, "metadata");
            var key = (Text(metadata, "namespace"), Text(metadata, "name"));
            if (key.Item2.Length == 0) return;
            switch (Text(document.RootElement, "type"))
            {
                case "ADDED" or "MODIFIED" when PortsOf(Member(service, "spec")) is { Length: > 0 } ports && (_services.Count < ServicesMax || _services.ContainsKey(key)):
                    _services[key] = (_round, ports);
                    break;
                case "ADDED" or "MODIFIED" or "DELETED":
                    _services.Remove(key);
                    break;
            }
        }
        catch (JsonException)
        {
            // A word of kubectl in between, or half a line at its end.
        }
    }

    private static Listening[] PortsOf(JsonElement spec)
    {
        // A load balancer's port is the service's own; klipper and its like bind that on each node.
        var field = Text(spec, "type") switch { "NodePort" => "nodePort", "LoadBalancer" => "port", _ => null };
        if (field is null || !Has(spec, "ports", JsonValueKind.Array, out var entries)) return [];
        List<Listening> ports = [];
        foreach (var entry in entries.EnumerateArray())
        {
            var protocol = Text(entry, "protocol");
            if (protocol is not ("TCP" or "UDP" or "")) continue;
            if (Has(entry, field, JsonValueKind.Number, out var number) && number.TryGetUInt16(out var port) && port > 0)
                ports.Add(new Listening(port, protocol == "UDP", false, 0));
        }

        return [.. ports];
    }

    private static JsonElement Member(JsonElement of, string name) => Has(of, name, JsonValueKind.Object, out var member) ? member : default;

    private static string Text(JsonElement of, string name) => Has(of, name, JsonValueKind.String, out var text) ? text.GetString() ?? "" : "";

    private static bool Has(JsonElement of, string name, JsonValueKind kind, out JsonElement member)
    {
        member = default;
        return of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out member) && member.ValueKind == kind;
    }
}
