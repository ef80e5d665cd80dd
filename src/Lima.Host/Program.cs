using Lima.Host;
using Lima.Host.Options;

try
{
    return await HostProcess.RunAsync(LimaHostOptions.FromEnvironment());
}
catch (Exception e) when (e is HostOptionsException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"lima-host: {e.Message}");
    return 1;
}
