using System.Text.Json.Serialization;

namespace Lima.Contracts;

/// <summary>How every message of the API is written; generated at build time, so that the client needs no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InstanceView))]
[JsonSerializable(typeof(InstanceList))]
[JsonSerializable(typeof(CreateRequest))]
[JsonSerializable(typeof(CommandRequest))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(PullRequest))]
[JsonSerializable(typeof(ErrorReply))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(ProgressView))]
[JsonSerializable(typeof(HostView))]
[JsonSerializable(typeof(ImageView))]
[JsonSerializable(typeof(ImageList))]
[JsonSerializable(typeof(EditRequest))]
[JsonSerializable(typeof(NewNameRequest))]
[JsonSerializable(typeof(MountView))]
[JsonSerializable(typeof(AddMountRequest))]
[JsonSerializable(typeof(RemoveMountRequest))]
[JsonSerializable(typeof(PortView))]
[JsonSerializable(typeof(PortEventData))]
[JsonSerializable(typeof(PortList))]
[JsonSerializable(typeof(PortsRequest))]
[JsonSerializable(typeof(DnsView))]
[JsonSerializable(typeof(DnsRequest))]
[JsonSerializable(typeof(DiskView))]
[JsonSerializable(typeof(DiskList))]
[JsonSerializable(typeof(CreateDiskRequest))]
[JsonSerializable(typeof(DiskRequest))]
[JsonSerializable(typeof(DiskChangeRequest))]
[JsonSerializable(typeof(NetworkList))]
[JsonSerializable(typeof(PruneRequest))]
[JsonSerializable(typeof(PruneReply))]
public sealed partial class ContractsJson : JsonSerializerContext;
