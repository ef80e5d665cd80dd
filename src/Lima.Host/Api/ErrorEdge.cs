using Lima.Drivers;

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
            if (context.Response is { StatusCode: StatusCodes.Status404NotFound, HasStarted: false })
                await Replies.Error("not-found", $"there is no {context.Request.Method} {context.Request.Path}", "see docs/api.md").ExecuteAsync(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await Answer(e, context).ExecuteAsync(context);
        }
    };

    private static IResult Answer(Exception e, HttpContext context)
    {
        switch (e)
        {
            case DriverException driver:
                return Replies.Error(Replies.Of(driver));
            case BadHttpRequestException bad:
                return Replies.Error("invalid", bad.Message, "see docs/api.md");
            case OperationCanceledException when context.RequestAborted.IsCancellationRequested:
                return Results.Empty;
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
