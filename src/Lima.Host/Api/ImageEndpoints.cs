using System.Threading.Channels;
using Lima.Contracts;
using Lima.Domain.Specs;
using Lima.Drivers;
using Lima.Drivers.Images;
using Lima.Host.Options;
using Lima.Host.Specs;

namespace Lima.Host.Api;

/// <summary>The image store over HTTP.</summary>
internal sealed class ImageEndpoints(IImageStore images, ImageUses uses, HomeWatch watch, LimaHostOptions options, IHostApplicationLifetime lifetime)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/images", List);
        app.MapPost("/v1/images/pull", PullAsync);
        app.MapPost("/v1/images/remove", (PullRequest body) => RemoveAsync(body.Location));
    }

    private async Task<IResult> RemoveAsync(string location)
    {
        await watch.RescanIfChangedAsync();
        if (uses.Of(location) is { Count: > 0 } found)
        {
            return Replies.Error(
                "image-in-use", $"image `{location}` is in use: {string.Join(", ", found)}",
                "delete what uses it first; without the image it cannot run any more");
        }

        return images.Remove(location)
            ? Replies.Ok(new ImageList([], []))
            : Replies.Error("image-not-found", $"no image `{location}` is in the store", "see `limactl image ls`");
    }

    private IResult List() => Replies.Ok(new ImageList([.. images.List().Select(View)], Recipes()));

    private List<string> Recipes()
    {
        var folder = Path.Combine(options.ShareDirectory, "images");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Where(d => File.Exists(Path.Combine(d, "build"))).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)]
            : [];
    }

    private async Task PullAsync(HttpContext context, PullRequest body)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var stream = new ServerSentEvents(context.Response);
        await stream.BeginAsync(ends.Token);
        var news = Channel.CreateBounded<object>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });
        var work = Task.Run(() => WorkAsync(body, news.Writer, ends.Token), CancellationToken.None);
        try
        {
            await SendProgressAsync(stream, news.Reader, ends.Token);
            await stream.SendAsync(StreamNames.Done, ViewOf(await work, body.Location), ends.Token);
        }
        catch (OperationCanceledException)
        {
            // The client has gone; what was fetched so far stays for the next time.
        }
        catch (DriverException e)
        {
            await stream.SendAsync(StreamNames.Failed, new ErrorReply(Replies.Of(e)), ends.Token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await stream.SendAsync(StreamNames.Failed, new ErrorReply(new ErrorView("internal", e.Message, "see `limactl host logs`")), ends.Token);
        }
        finally
        {
            // The work uses the token, so it must have ended before the token goes.
            await ends.CancelAsync();
            await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<LocalImage> WorkAsync(PullRequest body, ChannelWriter<object> news, CancellationToken cancel)
    {
        try
        {
            var arch = body.Arch ?? MachineFacts.Architecture;
            return await images.EnsureAsync([new ImageSource(body.Location, arch, body.Digest ?? "")], arch, new ChannelProgress(news), cancel);
        }
        finally
        {
            news.TryComplete();
        }
    }

    private static async Task SendProgressAsync(ServerSentEvents stream, ChannelReader<object> news, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                if (await stream.NextAsync(news, cancel) is StepProgress step)
                    await stream.SendAsync(StreamNames.Progress, new ProgressView { Step = step.Step, Detail = step.Detail, Done = step.Done, Total = step.Total }, cancel);
            }
        }
        catch (ChannelClosedException)
        {
            // The work has ended; how, its task says.
        }
    }

    private ImageView ViewOf(LocalImage image, string location)
    {
        var stored = images.List().FirstOrDefault(i => i.Location == location);
        return stored is null
            ? new ImageView("", image.Location, new FileInfo(image.Disk).Length, File.GetLastWriteTimeUtc(image.Disk), null, image.Disk)
            : View(stored) with { Path = image.Disk };
    }

    private static ImageView View(StoredImage image) => new(
        image.Key, image.Location, image.Bytes, image.Modified, image.Digest.Length == 0 ? null : image.Digest);

    private sealed class ChannelProgress(ChannelWriter<object> writer) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => writer.TryWrite(value);
    }
}
