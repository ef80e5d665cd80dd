using System.Text.Json;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Client;

/// <summary>Watches an accepted command until nothing is pending, across restarts of the host.</summary>
internal sealed class InstanceFollower(HostClient client, TimeProvider clock)
{
    private const int BreaksMax = 20;
    private static readonly TimeSpan PauseLongest = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Shows what becomes of <paramref name="name"/> after event <paramref name="after"/>. Returns its settled state, or null
    /// when it was deleted.
    /// </summary>
    /// <exception cref="CliException">The stream broke too many times in a row.</exception>
    public async Task<InstanceView?> SettleAsync(string name, long after, IProgressDisplay display, CancellationToken cancel)
    {
        var pause = TimeSpan.FromMilliseconds(50);
        for (var breaks = 0; breaks < BreaksMax; breaks++)
        {
            try
            {
                await foreach (var item in client.FollowAsync(name, after, cancel))
                {
                    breaks = 0;
                    switch (item.Name)
                    {
                        case StreamNames.Vm when Read(item, ContractsJson.Default.EventView) is { } happened:
                            // The place to follow from is counted in events of this instance, not in those of the whole home.
                            after++;
                            display.Happened(happened);
                            break;
                        case StreamNames.Progress when Read(item, ContractsJson.Default.ProgressView) is { } news:
                            display.Progress(news);
                            break;
                        case StreamNames.Settled:
                            return Read(item, ContractsJson.Default.InstanceView);
                        case StreamNames.Gone:
                            return null;
                    }
                }
            }
            catch (CliException e) when (e.IsNotFound)
            {
                return null;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // The host went away; the next request starts it again and the command goes on by itself.
            }

            await Task.Delay(pause, clock, cancel);
            pause = pause * 2 < PauseLongest ? pause * 2 : PauseLongest;
        }

        throw new CliException($"lost the connection to the host while waiting for instance `{name}`", "see `limactl host logs` and `limactl list`");
    }

    /// <summary>The data of an event, or null when it is not of that shape.</summary>
    public static T? Read<T>(ServerEvent item, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(item.Data, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
