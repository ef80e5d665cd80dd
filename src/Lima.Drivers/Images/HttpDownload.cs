using System.Net;
using System.Net.Http.Headers;

namespace Lima.Drivers.Images;

/// <summary>Brings one URL into an entry's partial file: resumes, retries, checks. Used only under the entry's lock.</summary>
internal sealed class HttpDownload(HttpClient http, ImageStoreOptions options, TimeProvider time)
{
    /// <summary>A transfer that gets this much further begins to count its failures anew.</summary>
    private const int WorthwhileBytes = 1 << 20;

    /// <summary>Downloads until the partial file is whole and has the expected digest.</summary>
    /// <returns>What the server said about the file; the bytes are in <see cref="EntryFiles.Partial"/>.</returns>
    /// <exception cref="DriverException">Refused, unreachable, no space, or a wrong digest; then nothing wrong is left behind.</exception>
    internal async Task<PartialInfo> RunAsync(
        Uri url, string entry, ImageDigest? expected, ThrottledProgress progress, CancellationToken cancel)
    {
        await using var partial = PartialFile.Open(entry, expected, options.PartialLife, time);
        await partial.CatchUpAsync(cancel);
        for (var isFresh = partial.Length == 0; ; isFresh = true)
        {
            await TransferAsync(url, entry, partial, progress, cancel);
            var actual = await partial.SealAsync(expected, cancel);
            if (expected is null || actual == expected.ToString()) return partial.Info!;

            await partial.RestartAsync(null, cancel);
            // The part that an earlier attempt left may have been the wrong one; a fresh start decides.
            if (!isFresh) continue;
            PartialFile.Delete(entry);
            throw ImageErrors.DigestMismatch(url.OriginalString, expected, actual,
                "correct the digest in `images`, or use a location whose content does not change");
        }
    }

    private async Task TransferAsync(
        Uri url, string entry, PartialFile partial, ThrottledProgress progress, CancellationToken cancel)
    {
        var start = partial.Length;
        var milestone = start;
        for (var failures = 0; !partial.IsComplete;)
        {
            TransferFault fault;
            try
            {
                await AttemptAsync(url, entry, partial, progress, cancel);
                return;
            }
            catch (Exception error) when (error is not DriverException && !cancel.IsCancellationRequested)
            {
                var judged = (error as FaultException)?.Fault ?? TransferFault.Of(error, url, partial.Length > start);
                if (judged is null) throw;
                fault = judged;
            }

            if (partial.Length >= milestone + WorthwhileBytes) (milestone, failures) = (partial.Length, 0);
            failures++;
            if (failures > Math.Min(fault.Retries, options.Attempts - 1)) throw fault.Error;
            var pause = PauseAfter(failures, fault);
            progress.Say(new StepProgress(ImageErrors.Downloading,
                $"{fault.Error.Message}; attempt {failures + 1} of {options.Attempts} in {pause.TotalSeconds:0.#} s",
                partial.Length, partial.Info?.Total));
            await Task.Delay(pause, time, cancel);
        }
    }

    private TimeSpan PauseAfter(int failures, TransferFault fault)
    {
        var pause = options.FirstBackOff * Math.Pow(2, failures - 1);
        if (fault.Pause is { } asked && asked > pause) pause = asked;
        return pause < options.LongestBackOff ? pause : options.LongestBackOff;
    }

    private async Task AttemptAsync(
        Uri url, string entry, PartialFile partial, ThrottledProgress progress, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.AnswerLimit);
        using var request = RequestFor(url, partial);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        await AcceptAsync(url, partial, response, cancel);
        RequireSpace(entry, partial);
        await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
        await CopyAsync(url, body, entry, partial, progress, limit);
        if (partial.Info?.Total is { } total && partial.Length != total)
        {
            await partial.RestartAsync(null, cancel);
            throw new FaultException(new TransferFault(
                ImageErrors.TransferFailed(url, "the server sent another number of bytes than it announced"), int.MaxValue));
        }
    }

    private static HttpRequestMessage RequestFor(Uri url, PartialFile partial)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (partial.Length == 0 || partial.Info is null) return request;
        request.Headers.Range = new RangeHeaderValue(partial.Length, null);
        request.Headers.TryAddWithoutValidation("If-Range", partial.Info.Validator);
        return request;
    }

    /// <summary>Decides by the answer whether the partial file grows on or begins anew.</summary>
    private async Task AcceptAsync(Uri url, PartialFile partial, HttpResponseMessage response, CancellationToken cancel)
    {
        var range = response.Content.Headers.ContentRange;
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent when range?.From == partial.Length && partial.Info is not null:
                return;
            case HttpStatusCode.OK:
                await partial.RestartAsync(InfoOf(response), cancel);
                return;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable when partial.Length > 0:
                await partial.RestartAsync(null, cancel);
                throw new FaultException(new TransferFault(
                    ImageErrors.TransferFailed(url, "the server cannot continue where it stopped"), int.MaxValue, TimeSpan.Zero));
            default:
                throw new FaultException(TransferFault.OfStatus(url, response, time.GetUtcNow()));
        }
    }

    private static PartialInfo InfoOf(HttpResponseMessage response) => new(
        Raw(response.Headers.NonValidated, "ETag"), Raw(response.Content.Headers.NonValidated, "Last-Modified"),
        response.Content.Headers.ContentLength, Raw(response.Content.Headers.NonValidated, "Content-Type"));

    /// <summary>A header as the server wrote it, or an empty text.</summary>
    internal static string Raw(HttpHeadersNonValidated headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.ToString() : "";

    /// <summary>Says at once that a file will not fit, not after the hour it takes to fill the disk.</summary>
    private static void RequireSpace(string entry, PartialFile partial)
    {
        if (partial.Info?.Total is not { } total) return;
        var free = new DriveInfo(entry).AvailableFreeSpace;
        if (total - partial.Length > free) throw ImageErrors.NoSpace(entry, total - partial.Length, free);
    }

    private async Task CopyAsync(
        Uri url, Stream body, string entry, PartialFile partial, ThrottledProgress progress, CancellationTokenSource limit)
    {
        var buffer = new byte[1 << 17];
        while (true)
        {
            limit.CancelAfter(options.IdleLimit);
            var read = await ReadAsync(body, buffer, limit.Token);
            if (read == 0) return;
            try
            {
                await partial.AppendAsync(buffer.AsMemory(0, read), limit.Token);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw ImageErrors.Unwritable(entry, error);
            }

            progress.Report(new StepProgress(ImageErrors.Downloading, url.OriginalString, partial.Length, partial.Info?.Total));
        }
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancel)
    {
        try
        {
            return await body.ReadAsync(buffer, cancel);
        }
        catch (IOException error) when (error is not HttpIOException)
        {
            // A reset arrives as a plain IOException; here it can only be the network's.
            throw new HttpIOException(HttpRequestError.ResponseEnded, error.Message, error);
        }
    }

    private sealed class FaultException(TransferFault fault) : Exception(fault.Error.Message)
    {
        internal TransferFault Fault { get; } = fault;
    }
}
