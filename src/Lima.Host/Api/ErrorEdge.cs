using Lima.Drivers;
using Lima.Host.Journal;
using Microsoft.Data.Sqlite;

namespace Lima.Host.Api;

/// <summary>Turns what an endpoint throws into the contract's errors; nothing else ever reaches a client.</summary>
internal static partial class ErrorEdge
{
    /// <summary>Wraps the rest of the pipeline.</summary>
    public static RequestDelegate Guard(RequestDelegate next) => async context =>
    {
        try
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null }) await Empty(context).ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (SqliteException e) when (!context.Response.HasStarted)
        {
            await context.RequestServices.GetRequiredService<JournalGuard>().AfterFailureAsync(context, e);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await Answer(e, context).ExecuteAsync(context);
        }
    };

    /// <summary>What the framework refuses by a bare status gets the contract's form, with that status.</summary>
    private static IResult Empty(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var (code, message) = status switch
        {
            StatusCodes.Status404NotFound => ("not-found", $"there is no {context.Request.Method} {context.Request.Path}"),
            StatusCodes.Status405MethodNotAllowed => ("invalid", $"{context.Request.Path} knows no {context.Request.Method}"),
            StatusCodes.Status415UnsupportedMediaType => ("invalid", "the body must be of type application/json"),
            StatusCodes.Status413PayloadTooLarge => ("too-large", "the request is larger than 8 MiB"),
            _ => ("invalid", "the request cannot be read: a value or the body is not of its form"),
        };
        return Replies.Error(new Contracts.ErrorView(code, message, "see docs/api.md"), status);
    }

    private static IResult Answer(Exception e, HttpContext context)
    {
        switch (e)
        {
            case DriverException driver:
                return Replies.Error(Replies.Of(driver));
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Replies.Error("too-large", "the request is larger than 8 MiB", "see docs/api.md");
            case BadHttpRequestException bad:
                var message = $"the request is not understood: {bad.InnerException?.Message ?? bad.Message}";
                return Replies.Error(new Contracts.ErrorView("invalid", message, "see docs/api.md"), bad.StatusCode);
            case TimeoutException:
                return Replies.Error("busy", "the host is still starting", "try again in a moment; see `limactl host logs`");
            default:
                Failed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Lima.Host.Api"), e, context.Request.Path);
                return Replies.Error("internal", $"the host failed at this request: {e.Message}", "see `limactl host logs`");
        }
    }

    [LoggerMessage(1, LogLevel.Error, "request {Path} failed")]
    private static partial void Failed(ILogger log, Exception e, string path);
}
