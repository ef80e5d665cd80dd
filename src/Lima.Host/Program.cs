using Lima.Host;
using Lima.Host.Options;

try
{
    return await HostProcess.RunAsync(LimaHostOptions.FromEnvironment());
}
catch (HostOptionsException e)
{
    await Console.Error.WriteLineAsync($"lima-host: {e.Message}");
    return 1;
}
