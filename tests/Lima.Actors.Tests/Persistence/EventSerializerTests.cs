using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Akka.Serialization;
using Lima.Actors.Hosting;
using Lima.Actors.Persistence;
using Lima.Domain.Catalog;
using Lima.Domain.Vms.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace Lima.Actors.Tests.Persistence;

/// <summary>What the journal holds, under the wiring that the host uses.</summary>
public sealed class EventSerializerTests : IAsyncLifetime
{
    private readonly ServiceProvider _provider;
    private readonly ActorSystem _system;

    public EventSerializerTests()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddAkka("serializer", builder => builder.WithEventSerializer());
        _provider = services.BuildServiceProvider();
        _system = _provider.GetRequiredService<ActorSystem>();
    }

    public static TheoryData<string> Manifests => [.. EventManifests.Manifests];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await _provider.DisposeAsync();
    }

    [Fact]
    public void Every_event_type_has_a_manifest()
    {
        var types = new[] { typeof(VmEvents), typeof(CatalogEvents) }.SelectMany(t => t.GetNestedTypes()).Where(t => !t.IsAbstract).ToList();
        Assert.NotEmpty(types);
        Assert.All(types, t => Assert.NotNull(EventManifests.Find(t)));
        Assert.Equal(types.ToHashSet(), EventManifests.Types.ToHashSet());
    }

    [Fact]
    public void Manifests_are_different_and_carry_a_version()
    {
        Assert.Equal(EventManifests.Manifests.Count, EventManifests.Manifests.Distinct().Count());
        Assert.All(EventManifests.Manifests, m => Assert.Matches(@"^(vm|catalog)\.[a-z]+(-[a-z]+)*\.v\d+$", m));
    }

    [Fact]
    public void Every_stored_type_is_bound_to_the_event_serializer() => Assert.All(EventManifests.Types, type =>
    {
        var serializer = _system.Serialization.FindSerializerForType(type);
        Assert.IsType<EventSerializer>(serializer);
        Assert.Equal(4201, serializer.Identifier);
    });

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Every_event_round_trips(string manifest)
    {
        var sample = Samples.ByManifest[manifest];
        Assert.Equal(manifest, Serializer.Manifest(sample));
        Assert.Equal(sample, Serializer.FromBinary(Serializer.ToBinary(sample), manifest));
    }

    [Fact]
    public void Awkward_values_round_trip() => Assert.All(Samples.Awkward, e =>
        Assert.Equal(e, _system.Serialization.Deserialize(_system.Serialization.Serialize(e), EventSerializer.Id, Serializer.Manifest(e))));

    [Fact]
    public void No_name_of_the_program_reaches_the_journal() => Assert.All(Samples.ByManifest.Values.Concat(Samples.Awkward), e =>
    {
        var json = System.Text.Encoding.UTF8.GetString(Serializer.ToBinary(e));
        Assert.DoesNotContain("Lima.", json, StringComparison.Ordinal);
        Assert.DoesNotContain("$type", json, StringComparison.Ordinal);
    });

    [Fact]
    public void An_unknown_manifest_is_refused_by_its_name()
    {
        var problem = Assert.Throws<SerializationException>(() => Serializer.FromBinary("{}"u8.ToArray(), "vm.teleported.v9"));
        Assert.Contains("vm.teleported.v9", problem.Message, StringComparison.Ordinal);
        Assert.Contains("newer", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_event_is_not_stored() =>
        Assert.Throws<SerializationException>(() => Serializer.Manifest("a text"));

    [Theory]
    [MemberData(nameof(Manifests))]
    public void What_was_stored_once_can_be_read_for_ever(string manifest)
    {
        using var stored = JsonDocument.Parse(File.ReadAllText(Path.Combine(Corpus, manifest + ".json")));
        Assert.Equal(manifest, stored.RootElement.GetProperty("manifest").GetString());
        var bytes = JsonSerializer.SerializeToUtf8Bytes(stored.RootElement.GetProperty("event"));
        Assert.Equal(Samples.ByManifest[manifest], Serializer.FromBinary(bytes, manifest));
    }

    [Fact]
    public void Every_file_of_the_corpus_has_its_manifest_still()
    {
        var files = Directory.EnumerateFiles(Corpus, "*.json").Select(Path.GetFileNameWithoutExtension).ToHashSet();
        Assert.Equal(EventManifests.Manifests.ToHashSet(), files!);
    }

    [Fact]
    public void A_field_of_a_newer_version_does_no_harm() =>
        Assert.Equal(
            new VmEvents.Renamed(DateTimeOffset.UnixEpoch, "b"),
            Serializer.FromBinary("""{"at":"1970-01-01T00:00:00+00:00","name":"b","colour":"red","more":{"x":[1]}}"""u8.ToArray(), "vm.renamed.v1"));

    private static string Corpus => Path.Combine(AppContext.BaseDirectory, "Persistence", "Corpus");

    private SerializerWithStringManifest Serializer =>
        (SerializerWithStringManifest)_system.Serialization.FindSerializerForType(typeof(VmEvents.Created));
}
