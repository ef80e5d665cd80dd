using System.Security.Cryptography;
using System.Text;

namespace Lima.Templates.Defaults;

/// <summary>Networks: those of the three files united by interface, then names, addresses and metrics.</summary>
internal static class NetworkDefaults
{
    private const long Metric = 100;

    public static void Fill(Draft root, Filling filling)
    {
        var networks = new List<Draft>();
        foreach (var network in root.Items("networks"))
        {
            var name = network.Text("interface") ?? "";
            if (name.Length > 0 && networks.Find(other => other.Text("interface") == name) is { } known) Overrule(known, network);
            else networks.Add(network);
        }

        for (var i = 0; i < networks.Count; i++)
        {
            networks[i].Default("macAddress", MacAddress(filling.Host.MachineId, $"{filling.Instance.ConfigFile}#{i}"));
            networks[i].Default("interface", $"lima{i}");
            networks[i].Default("metric", Metric);
        }

        root.Keep("networks", networks);
    }

    /// <summary>A hardware address that is always the same for a machine and a name, and likely another for others.</summary>
    public static string MacAddress(string machineId, string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(machineId + name));
        return $"52:55:55:{hash[0]:x2}:{hash[1]:x2}:{hash[2]:x2}";
    }

    private static void Overrule(Draft known, Draft network)
    {
        if (network["socket"] is { } socket) (known["socket"], known["lima"]) = (socket, null);
        if (network["lima"] is { } lima) (known["lima"], known["socket"]) = (lima, null);
        known["macAddress"] = network["macAddress"] ?? known["macAddress"];
        known["metric"] = network["metric"] ?? known["metric"];
    }
}
