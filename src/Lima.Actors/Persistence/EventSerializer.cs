using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Lima.Actors.Persistence;

/// <summary>Stores events as JSON under the manifests of <see cref="EventManifests"/>; CLR names never reach the journal.</summary>
public sealed class EventSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The number in the journal's <c>identifier</c> column. It never changes.</summary>
    public const int Id = 4201;

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        EventManifests.Find(o.GetType()) ?? throw new SerializationException($"{o.GetType()} is no stored event");

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => EventManifests.Write(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => EventManifests.Read(bytes, manifest)
        ?? throw new SerializationException($"the journal holds `{manifest}`, which this version does not know; it was written by a newer one");
}
