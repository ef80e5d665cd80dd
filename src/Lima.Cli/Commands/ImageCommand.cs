using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Client;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl image</c>: the store of guest images.</summary>
internal sealed class ImageCommand : CliCommandFamily
{
    public ImageCommand() : base("image", "Manage guest images", CommandGroup.Advanced, "limactl image ls", "limactl image build tiny")
    {
        Add(new ImageListCommand());
        Add(new ImagePullCommand());
        Add(new ImageBuildCommand());
        Add(new ImageRemoveCommand());
    }
}

/// <summary><c>limactl image ls</c>.</summary>
internal sealed class ImageListCommand : CliCommand
{
    private readonly Option<bool> _json = Flag("--json", "one JSON object a line");
    private readonly Option<bool> _quiet = Flag("--quiet", "print keys only", "-q");

    public ImageListCommand() : base("ls", "List the images in the store and the recipes that can be built", CommandGroup.Advanced, "limactl image ls")
    {
        Aliases.Add("list");
        Add(_json);
        Add(_quiet);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var store = await context.Client.ImagesAsync(cancel);
        var text = parsed.GetValue(_json) ? string.Concat(store.Images.Select(image => JsonSerializer.Serialize(image, ContractsJson.Default.ImageView) + "\n"))
            : parsed.GetValue(_quiet) ? string.Concat(store.Images.Select(image => image.Key + "\n"))
            : Render(store, context.World.Clock);
        context.World.Out.Write(text);
        return ExitCodes.Success;
    }

    private static string Render(ImageList store, TimeProvider clock)
    {
        List<IReadOnlyList<string>> rows = [["KEY", "SIZE", "MODIFIED", "VERIFIED", "LOCATION"]];
        rows.AddRange(store.Images.Select(image => (IReadOnlyList<string>)
        [
            image.Key.Length > 12 ? image.Key[..12] : image.Key,
            Sizes.Text(image.Bytes),
            $"{TimeZoneInfo.ConvertTime(image.Modified, clock.LocalTimeZone):yyyy-MM-dd HH:mm}",
            image.Digest is null ? "no" : "yes",
            Printable.Line(image.Location),
        ]));
        rows.AddRange(store.Recipes
            .Where(recipe => store.Images.All(image => image.Location != $"recipe:{recipe}"))
            .Select(recipe => (IReadOnlyList<string>)["-", "-", "-", "-", $"recipe:{recipe} (not built)"]));
        return Table.Format(rows);
    }
}

/// <summary>What <c>pull</c> and <c>build</c> share.</summary>
internal static class ImageFetch
{
    /// <summary>Has the host fetch or build an image, shows how it goes, and prints the path of the image.</summary>
    public static async Task<int> RunAsync(CliContext context, PullRequest request, CancellationToken cancel)
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var handler = context.World.OnInterrupt(interrupt.Cancel);
        try
        {
            ImageView? image;
            using (var display = context.Display(guestLines: true)) image = await WatchAsync(context.Client, request, display, interrupt.Token);
            if (image is null) throw new CliException($"the host ended before image `{request.Location}` was there", "run the command again; a download goes on where it stopped");
            context.Log.Info($"Image `{image.Location}` is in the store ({Sizes.Text(image.Bytes)})");
            if (image.Path is { } path) context.World.Out.Write(path + "\n");
            return ExitCodes.Success;
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new CliException("interrupted by the user", exitCode: ExitCodes.Interrupted);
        }
    }

    private static async Task<ImageView?> WatchAsync(HostClient client, PullRequest request, IProgressDisplay display, CancellationToken cancel)
    {
        try
        {
            await foreach (var item in client.PullAsync(request, cancel))
            {
                switch (item.Name)
                {
                    case StreamNames.Progress when InstanceFollower.Read(item, ContractsJson.Default.ProgressView) is { } news:
                        display.Progress(news);
                        break;
                    case StreamNames.Done:
                        return InstanceFollower.Read(item, ContractsJson.Default.ImageView);
                    case StreamNames.Failed:
                        throw InstanceFollower.Read(item, ContractsJson.Default.ErrorReply) is { } reply
                            ? HostClient.FromError(reply.Error)
                            : new CliException($"image `{request.Location}` cannot be had", "see `limactl host logs`");
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The host went away; told by the caller.
        }

        return null;
    }
}

/// <summary><c>limactl image pull</c>.</summary>
internal sealed class ImagePullCommand : CliCommand
{
    private readonly Argument<string> _location = new("LOCATION") { Description = "URL, path, or recipe:NAME" };
    private readonly Option<string?> _digest = Text("--digest", "sha256:…", "digest that the image must have");
    private readonly Option<string?> _arch = Text("--arch", "ARCH", "architecture (default: this machine's)");

    public ImagePullCommand() : base("pull", "Download an image into the store", CommandGroup.Advanced, "limactl image pull https://example.com/disk.qcow2 --digest sha256:…")
    {
        Add(_location);
        Add(_digest);
        Add(_arch);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var location = parsed.GetRequiredValue(_location);
        if (!location.Contains(':')) location = Path.GetFullPath(location, context.World.WorkingDirectory);
        return ImageFetch.RunAsync(context, new PullRequest(location, parsed.GetValue(_digest), parsed.GetValue(_arch)), cancel);
    }
}

/// <summary><c>limactl image build</c>.</summary>
internal sealed class ImageBuildCommand : CliCommand
{
    private readonly Argument<string> _recipe = new("RECIPE") { Description = "name of a recipe" };
    private readonly Option<string?> _arch = Text("--arch", "ARCH", "architecture (default: this machine's)");

    public ImageBuildCommand() : base("build", "Build an image from a recipe", CommandGroup.Advanced, "limactl image build tiny", "limactl image build debian-12")
    {
        Add(_recipe);
        Add(_arch);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var recipe = parsed.GetRequiredValue(_recipe);
        if (!recipe.StartsWith("recipe:", StringComparison.Ordinal)) recipe = "recipe:" + recipe;
        return ImageFetch.RunAsync(context, new PullRequest(recipe, null, parsed.GetValue(_arch)), cancel);
    }
}

/// <summary><c>limactl image rm</c>.</summary>
internal sealed class ImageRemoveCommand : CliCommand
{
    private readonly Argument<string[]> _keys = new("KEY|LOCATION") { Description = "images to remove, by key, its beginning, or location", Arity = ArgumentArity.OneOrMore };

    public ImageRemoveCommand() : base("rm", "Remove images from the store", CommandGroup.Advanced, "limactl image rm recipe:tiny")
    {
        Aliases.Add("delete");
        Add(_keys);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var store = await context.Client.ImagesAsync(cancel);
        foreach (var key in parsed.GetValue(_keys)!)
        {
            var image = Find(store, key);
            await context.Client.RemoveImageAsync(image.Location, cancel);
            context.Log.Info($"Removed image `{image.Location}` ({Sizes.Text(image.Bytes)})");
        }

        return ExitCodes.Success;
    }

    private static ImageView Find(ImageList store, string key)
    {
        var found = store.Images.Where(image => image.Key == key || image.Location == key).ToList();
        if (found.Count == 0 && key.Length >= 4) found = store.Images.Where(image => image.Key.StartsWith(key, StringComparison.Ordinal)).ToList();
        return found switch
        {
            [var one] => one,
            [] => throw new CliException($"no image `{key}` in the store", "`limactl image ls` prints the keys"),
            _ => throw new CliException($"`{key}` means {found.Count} images", "give more of the key"),
        };
    }
}
