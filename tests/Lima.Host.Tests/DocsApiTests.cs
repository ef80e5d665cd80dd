using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lima.Contracts;
using Lima.Host.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lima.Host.Tests;

/// <summary><c>docs/api.md</c> says what the host serves, no more and no less.</summary>
public sealed class DocsApiTests
{
    private const string Document = "docs/api.md";

    [Fact]
    public async Task Lists_every_route()
    {
        var documented = DocsFiles.Table(Document, "Method", "Path").Select(row => $"{row[0]} {row[1].Trim('`')}");
        Assert.Equal((await RoutesAsync()).Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lists_every_type_with_its_fields_in_order()
    {
        var documented = DocsFiles.Table(Document, "Type", "Fields").ToDictionary(row => row[0].Trim('`'), row => row[1]);
        var types = typeof(ContractsJson).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && !t.IsAssignableTo(typeof(JsonSerializerContext)))
            .ToDictionary(t => t.Name);
        Assert.Equal(types.Keys.Order(StringComparer.Ordinal), documented.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, type) in types) Assert.Equal($"{name}: {string.Join(", ", Fields(type))}", $"{name}: {documented[name]}");
    }

    [Fact]
    public void Names_only_types_that_there_are()
    {
        var types = DocsFiles.Table(Document, "Type", "Fields").Select(row => row[0].Trim('`')).ToHashSet();
        var named = DocsFiles.Table(Document, "Method", "Path").SelectMany(row => DocsFiles.Quoted(row[2]).Concat(DocsFiles.Quoted(row[3])))
            .Concat(DocsFiles.Table(Document, "Event", "In").SelectMany(row => DocsFiles.Quoted(row[2])))
            .Where(word => char.IsAsciiLetterUpper(word[0]));
        Assert.Empty(named.Except(types));
    }

    [Fact]
    public void Lists_every_event_of_streams()
    {
        var names = typeof(StreamNames).GetFields().Select(f => (string)f.GetRawConstantValue()!);
        var documented = DocsFiles.Table(Document, "Event", "In").Select(row => row[0].Trim('`'));
        Assert.Equal(names.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Gives_each_code_of_errors_its_status() =>
        Assert.All(DocsFiles.Table(Document, "Status", "Code"), row =>
        {
            var answer = Assert.IsAssignableFrom<IStatusCodeHttpResult>(Replies.Error(row[1].Trim('`'), "a message"));
            Assert.Equal($"{row[0]} {row[1]}", $"{answer.StatusCode} {row[1]}");
        });

    /// <summary>Mapping needs none of what the endpoints work with, so they are given nothing.</summary>
    private static async Task<IReadOnlyList<string>> RoutesAsync()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var turns = new ConfigurationTurns(_ => false);
        new InstanceEndpoints(null!, null!, null!, null!, null!, null!).Map(app);
        new InstanceWorkEndpoints(null!, null!, null!, null!, null!, null!).Map(app);
        new DiskEndpoints(null!, null!, null!, null!, null!).Map(app);
        new NetworkEndpoints(null!, null!, null!, null!, null!, null!).Map(app);
        new DiskChangeEndpoint(null!, null!, null!, null!, null!, null!, turns).Map(app);
        new MountEndpoints(null!, null!, null!, null!, null!, turns).Map(app);
        new PortEndpoints(null!, null!, null!, null!, null!, null!, null!, turns).Map(app);
        new PruneEndpoint(null!, null!, null!, null!, null!).Map(app);
        new DnsEndpoints(null!, null!, null!, null!, null!, null!).Map(app);
        new EventEndpoints(null!, null!, null!, null!, null!, null!).Map(app);
        new ImageEndpoints(null!, null!, null!, null!, null!).Map(app);
        new HostEndpoints(null!, null!, null!, null!, null!, null!, null!, null!, null!, null!, TimeProvider.System).Map(app);
        return
        [
            .. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()
                .SelectMany(e => e.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => $"{method} {e.RoutePattern.RawText}")),
        ];
    }

    private static IEnumerable<string> Fields(Type type)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var property in type.GetProperties())
        {
            var name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            yield return $"`{name}{(nullability.Create(property).ReadState == NullabilityState.Nullable ? "?" : "")}`";
        }
    }
}
