using System.Net;
using Lima.Cli.Output;

namespace Lima.Cli.Templates;

/// <summary>Reads from the web: bounded in time and size.</summary>
internal sealed class WebReader(TimeSpan limit, TimeProvider clock, Log log)
{
    /// <summary>The content of an address.</summary>
    /// <exception cref="CliException">It cannot be had, or is larger than a template may be.</exception>
    public byte[] Read(string address)
    {
        var content = Ask(address, [], answer =>
        {
            if (!answer.IsSuccessStatusCode)
                throw new CliException($"cannot download `{Printable.Line(address)}`: status {(int)answer.StatusCode}", "check the address");
            return BoundedBytes.Read(answer.Content.ReadAsStream(), address, answer.Content.Headers.ContentLength);
        });
        log.Debug($"read `{address}` ({content.Length} bytes)");
        return content;
    }

    /// <summary>Whatever an address answers.</summary>
    /// <param name="address">The address.</param>
    /// <param name="headers">Headers to send.</param>
    /// <param name="read">Makes a result of the answer; its time counts too.</param>
    /// <exception cref="CliException">There is no answer, or it takes too long.</exception>
    public T Ask<T>(string address, IReadOnlyList<(string Name, string Value)> headers, Func<HttpResponseMessage, T> read)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var over = new CancellationTokenSource(limit, clock);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.TryAddWithoutValidation("User-Agent", "lima");
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            using var answer = http.Send(request, HttpCompletionOption.ResponseHeadersRead, over.Token);

            // Reading the content knows of no token: the answer is taken away from under it.
            using var cut = over.Token.Register(answer.Dispose);
            return read(answer);
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            throw new CliException($"cannot download `{Printable.Line(address)}`: no whole answer within {limit.TotalSeconds:0.#} seconds", "check the network, or try again");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException or InvalidOperationException or NotSupportedException or WebException)
        {
            throw new CliException($"cannot download `{Printable.Line(address)}`: {Printable.Line(e.Message)}", "check the address and the network");
        }
    }
}
