using Lima.Drivers;
using Lima.Host;
using Lima.Host.Options;

try
{
    return await HostProcess.RunAsync(LimaHostOptions.FromEnvironment());
}
catch (Exception e)
{
    // The command that started this host shows these last words to its user.
    var cause = e.GetBaseException();
    var known = cause is HostOptionsException or DriverException or IOException or UnauthorizedAccessException;
    await Console.Error.WriteLineAsync($"lima-host: {(known ? "" : $"{cause.GetType().Name}: ")}{cause.Message}");
    return 1;
}
