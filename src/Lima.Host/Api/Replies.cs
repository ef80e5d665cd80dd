using Lima.Contracts;
using Lima.Drivers;

namespace Lima.Host.Api;

/// <summary>Answers in the contract's form.</summary>
internal static class Replies
{
    /// <summary>A 200 with a body.</summary>
    public static IResult Ok<T>(T body) => Write(body, StatusCodes.Status200OK);

    /// <summary>A 202: stored, and under way.</summary>
    public static IResult Accepted(Accepted body) => Write(body, StatusCodes.Status202Accepted);

    /// <summary>An error with the status that belongs to its code.</summary>
    public static IResult Error(ErrorView error) => Error(error, Status(error.Code));

    /// <summary>An error with a status that is already decided.</summary>
    public static IResult Error(ErrorView error, int status) => Write(new ErrorReply(error), status);

    /// <summary>An error from its parts.</summary>
    public static IResult Error(string code, string message, string? hint = null) => Error(new ErrorView(code, message, hint));

    /// <summary>An error of a driver.</summary>
    public static ErrorView Of(DriverException e) => new(e.Cause.Code, e.Cause.Message, e.Cause.Hint.Length == 0 ? null : e.Cause.Hint);

    private static IResult Write<T>(T body, int status) =>
        Results.Text(System.Text.Json.JsonSerializer.Serialize(body, typeof(T), ContractsJson.Default), "application/json", statusCode: status);

    private static int Status(string code) => code switch
    {
        "instance-not-found" or "not-found" or "image-not-found" or "disk-not-found" or "mount-not-found" or "port-not-found" => StatusCodes.Status404NotFound,
        "refused" or "instance-exists" or "protected" or "foreign" or "image-busy" or "image-in-use" or "disk-exists" or "disk-in-use" or "disk-referred" or "port-in-use"
            => StatusCodes.Status409Conflict,
        "too-large" => StatusCodes.Status413PayloadTooLarge,
        "journal-unavailable" or "busy" or "host-restarting" => StatusCodes.Status503ServiceUnavailable,
        "internal" => StatusCodes.Status500InternalServerError,
        _ => StatusCodes.Status400BadRequest,
    };
}
