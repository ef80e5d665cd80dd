using System.Net;
using Lima.Host.Tests.Support;

namespace Lima.Host.Tests.Api;

/// <summary>Whatever is sent, the answer is the contract's error with a fitting status, never an empty one and never a 500.</summary>
public sealed class BadRequestTests(BadRequestTests.Shared shared) : IClassFixture<BadRequestTests.Shared>
{
    /// <summary>One host for all of them: none of these requests changes anything.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal TestHost Host { get; } = new();

        public Task InitializeAsync() => Host.StartAsync();

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/", null, 404, "not-found")]
    [InlineData("GET", "/v1/nothing", null, 404, "not-found")]
    [InlineData("DELETE", "/v1/instances", null, 405, "invalid")]
    [InlineData("GET", "/v1/instances/none", null, 404, "instance-not-found")]
    [InlineData("GET", "/v1/instances/none/history", null, 404, "instance-not-found")]
    [InlineData("GET", "/v1/instances/..%2f..%2fetc/history", null, 404, "instance-not-found")]
    [InlineData("GET", "/v1/events?after=soon", null, 400, "invalid")]
    [InlineData("POST", "/v1/instances", null, 400, "invalid")]
    [InlineData("POST", "/v1/instances", "", 400, "invalid")]
    [InlineData("POST", "/v1/instances", "null", 400, "invalid")]
    [InlineData("POST", "/v1/instances", "{", 400, "invalid")]
    [InlineData("POST", "/v1/instances", "{}", 400, "invalid")]
    [InlineData("POST", "/v1/instances", "[1]", 400, "invalid")]
    [InlineData("POST", "/v1/instances", """{"commandId":null,"name":"a","yaml":"","source":"-"}""", 400, "invalid")]
    [InlineData("POST", "/v1/instances", """{"commandId":"1","name":"a","yaml":null,"source":"-"}""", 400, "invalid")]
    [InlineData("POST", "/v1/instances", """{"commandId":"","name":"a","yaml":"","source":"-"}""", 400, "invalid")]
    [InlineData("POST", "/v1/instances", """{"commandId":"1","name":"../a","yaml":"","source":"-"}""", 400, "invalid")]
    [InlineData("POST", "/v1/instances", """{"commandId":"1","name":"a","yaml":"cpus: x","source":"-"}""", 400, "invalid")]
    [InlineData("POST", "/v1/instances/none/start", """{"commandId":"1"}""", 404, "instance-not-found")]
    [InlineData("POST", "/v1/instances/none/start", """{"commandId":""}""", 400, "invalid")]
    [InlineData("POST", "/v1/instances/none/start", """{"commandId":"1","timeoutSeconds":"long"}""", 400, "invalid")]
    [InlineData("POST", "/v1/instances/none/delete", """{"commandId":"1"}""", 404, "instance-not-found")]
    [InlineData("POST", "/v1/images/remove", """{"location":null}""", 400, "invalid")]
    [InlineData("POST", "/v1/images/remove", """{"location":"https://example.com/none"}""", 404, "image-not-found")]
    public async Task It_is_answered_with_what_is_wrong(string method, string path, string? body, int status, string code)
    {
        var answer = await shared.Host.Api.SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(status, (int)answer.Status);
        var error = ApiClient.Error(answer.Body);
        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Message);
        Assert.DoesNotContain("   at ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_bodies_and_too_large_ones_are_refused()
    {
        var (status, body) = await shared.Host.Api.SendAsync(HttpMethod.Post, "/v1/instances", "a=b", "application/x-www-form-urlencoded");
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "invalid"), (status, ApiClient.Error(body).Code));

        var (large, said) = await shared.Host.Api.TryCreateAsync("a", new string('x', 9 << 20));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (large, ApiClient.Error(said).Code));

        var (longId, why) = await shared.Host.Api.TryCreateAsync("a", commandId: new string('1', 1000));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), (longId, ApiClient.Error(why).Code));
        Assert.Empty(await shared.Host.Api.NamesAsync());
    }

    [Fact]
    public async Task Every_problem_of_a_configuration_is_told_with_its_line()
    {
        var (status, body) = await shared.Host.Api.TryCreateAsync("a", "cpus: x\nmemory: y\nimages: []\n");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = ApiClient.Error(body);
        Assert.Contains(error.Problems!, p => p is { Field: "cpus", Line: 1, File: "test" });
        Assert.Contains(error.Problems!, p => p is { Field: "memory", Line: 2 });
    }

    [Fact]
    public async Task A_name_too_long_for_its_sockets_is_refused_and_nothing_is_made()
    {
        var name = new string('n', 76);
        var (status, body) = await shared.Host.Api.TryCreateAsync(name);
        Assert.Equal((HttpStatusCode.BadRequest, "name-too-long"), (status, ApiClient.Error(body).Code));
        Assert.False(Directory.Exists(Path.Combine(shared.Host.Home.Path, name)));
    }
}
