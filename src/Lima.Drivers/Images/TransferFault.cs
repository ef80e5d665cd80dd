using System.Net.Sockets;

namespace Lima.Drivers.Images;

/// <summary>A failed attempt: what to tell the user, and whether another one may help.</summary>
/// <param name="Error">What the user gets to see when it was the last attempt.</param>
/// <param name="Retries">How many more attempts are worth it when this one got nothing.</param>
/// <param name="Pause">Pause that the server asks for.</param>
internal sealed record TransferFault(DriverException Error, int Retries, TimeSpan? Pause = null)
{
    private const int Unlimited = int.MaxValue;

    /// <summary>Judges an HTTP status.</summary>
    internal static TransferFault OfStatus(Uri url, HttpResponseMessage response, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var isPassing = status is 408 or 425 or 429 or >= 500;
        var after = response.Headers.RetryAfter;
        return new TransferFault(
            ImageErrors.Refused(url, status, response.ReasonPhrase ?? ""), isPassing ? Unlimited : 0, after?.Delta ?? (after?.Date - now));
    }

    /// <summary>
    /// Judges an exception of the HTTP client; null when it is not about the transfer. After bytes have come
    /// (<paramref name="wasMoving"/>) the network is there, and a short outage likely.
    /// </summary>
    internal static TransferFault? Of(Exception error, Uri url, bool wasMoving) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => new(
            ImageErrors.NoNetwork(url, $"the host `{url.Host}` is not known", error), wasMoving ? Unlimited : 0),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new(
            ImageErrors.TransferFailed(url, $"the server's identity was not proven ({Innermost(error).Message})", error), 0),
        _ when SocketErrorOf(error) is SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown => new(
            ImageErrors.NoNetwork(url, $"the host `{url.Host}` cannot be reached", error), wasMoving ? Unlimited : 0),
        _ when SocketErrorOf(error) is SocketError.ConnectionRefused => new(
            ImageErrors.TransferFailed(url, $"`{url.Authority}` refuses connections", error), wasMoving ? Unlimited : 1),
        OperationCanceledException when IsConnectTimeout(error) => new(
            ImageErrors.NoNetwork(url, $"the host `{url.Host}` does not answer", error), wasMoving ? Unlimited : 0),
        OperationCanceledException => new(
            ImageErrors.TransferFailed(url, "the server went silent", error), wasMoving ? Unlimited : 1),
        HttpRequestException or HttpIOException => new(
            ImageErrors.TransferFailed(url, $"the connection broke ({Innermost(error).Message})", error), Unlimited),
        _ => null,
    };

    private static bool IsConnectTimeout(Exception error) =>
        error.InnerException is TimeoutException || error.InnerException?.InnerException is TimeoutException;

    private static SocketError? SocketErrorOf(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is SocketException socket) return socket.SocketErrorCode;
        }

        return null;
    }

    private static Exception Innermost(Exception error) => error.GetBaseException();
}
