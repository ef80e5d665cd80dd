using System.Net;
using System.Text;
using System.Text.Json;
using Lima.Cli.Output;
using Lima.Templates.Locators;

namespace Lima.Cli.Templates;

/// <summary>Asks GitHub about repositories; with the user's token where there is one, since strangers may ask only so often.</summary>
internal sealed class GitHubClient(TemplateOrigins origins, WebReader web, Func<string, string?> env) : IGitHub
{
    private const int PeekBytes = 1025;

    /// <inheritdoc/>
    public string DefaultBranch(string org, string repo)
    {
        var answer = Ask($"{origins.Api}/repos/{Escaped(org)}/{Escaped(repo)}", ApiHeaders(), response =>
            response.IsSuccessStatusCode
                ? BoundedBytes.Read(response.Content.ReadAsStream(), "the answer of GitHub")
                : throw Refused(org, repo, response.StatusCode));
        try
        {
            using var json = JsonDocument.Parse(answer);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("default_branch", out var branch)
                && branch is { ValueKind: JsonValueKind.String }
                && branch.GetString() is { Length: > 0 } name)
                return name;
        }
        catch (JsonException e)
        {
            throw new LocatorException($"failed to get default branch for {org}/{repo}: the answer is no JSON: {Printable.Line(e.Message)}");
        }

        throw new LocatorException($"failed to get default branch for {org}/{repo}: the repository has none");
    }

    /// <inheritdoc/>
    public string RawUrl(GitHubPlace place) => $"{origins.Raw}/{place.Org}/{place.Repo}/{place.Ref}/{place.Path}";

    /// <inheritdoc/>
    public string? Peek(GitHubPlace place) => Ask(RawUrl(place), [], response => response switch
    {
        { StatusCode: HttpStatusCode.NotFound } => null,
        { IsSuccessStatusCode: false } => throw new LocatorException($"file `{RawUrl(place)}` not found or inaccessible: status {(int)response.StatusCode}"),
        _ => Encoding.UTF8.GetString(BoundedBytes.Peek(response.Content.ReadAsStream(), PeekBytes)),
    });

    private T Ask<T>(string address, IReadOnlyList<(string, string)> headers, Func<HttpResponseMessage, T> read)
    {
        try
        {
            return web.Ask(address, headers, read);
        }
        catch (CliException e)
        {
            throw new LocatorException(e.Message, e.Hint);
        }
    }

    private List<(string, string)> ApiHeaders()
    {
        var headers = new List<(string, string)> { ("Accept", "application/vnd.github.v3+json") };
        var token = env("GH_TOKEN") is { Length: > 0 } first ? first : env("GITHUB_TOKEN");
        if (token is { Length: > 0 }) headers.Add(("Authorization", "token " + token));
        return headers;
    }

    private static LocatorException Refused(string org, string repo, HttpStatusCode status) => new(
        $"failed to get default branch for {org}/{repo}: GitHub API returned status {(int)status}",
        status is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests or HttpStatusCode.Unauthorized
            ? "set GH_TOKEN or GITHUB_TOKEN to a personal access token, or name a branch with @BRANCH"
            : "check the names, or name a branch with @BRANCH");

    private static string Escaped(string part) => Uri.EscapeDataString(part);
}
