using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lima.Drivers.Images;

/// <summary>What is known about an image that was built here.</summary>
/// <param name="Recipe"><c>recipe:NAME</c>.</param>
/// <param name="Arch">Architecture it is for.</param>
/// <param name="Built">When.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Files">Name of the directory, inside the entry, that has its files.</param>
internal sealed record RecipeInfo(string Recipe, string Arch, DateTimeOffset Built, double Seconds, string Files);

/// <summary>Builds images from recipes, each once.</summary>
internal sealed partial class RecipeBuilder(ImageStoreOptions options, TimeProvider time)
{
    /// <summary>Prefix of directories that a build works in.</summary>
    internal const string TemporaryPrefix = "tmp-";

    private const int NeedsExitCode = 3;

    /// <summary>The image of a recipe, built now if it is not in the cache.</summary>
    /// <exception cref="DriverException">No such recipe, packages missing, or the build failed.</exception>
    internal async Task<LocalImage> GetAsync(string location, string arch, ThrottledProgress progress, CancellationToken cancel)
    {
        var recipe = RecipeFolder.Find(options.ShareDirectory, location);
        var entry = Path.Combine(EntryFiles.RecipeRoot(options.CacheDirectory), recipe.KeyFor(arch));
        using var held = await EntryLock.AcquireAsync(entry, options.EntryLimit, time,
            () => progress.Report(new StepProgress($"building {location}", "waiting for another build of the same image")), cancel);
        if (Cached(location, entry) is { } cached) return cached;
        var temporary = Path.Combine(entry, $"{TemporaryPrefix}{Guid.NewGuid():N}");
        foreach (var left in Directory.EnumerateDirectories(entry, TemporaryPrefix + "*")) EntryFiles.DeleteTree(left);
        try
        {
            return await BuildAsync(recipe, location, arch, entry, temporary, progress, cancel);
        }
        finally
        {
            EntryFiles.DeleteTree(temporary);
        }
    }

    /// <summary>What is known about an entry; null when its image was never completed.</summary>
    internal static RecipeInfo? ReadInfo(string entry)
    {
        try
        {
            return EntryFiles.Read(EntryFiles.RecipeInfo(entry)) is { Length: > 0 } text
                ? JsonSerializer.Deserialize(text, ImageJson.Default.RecipeInfo)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static LocalImage? Cached(string location, string entry)
    {
        if (ReadInfo(entry) is not { } info) return null;
        var files = Path.Combine(entry, Path.GetFileName(info.Files));
        var disk = Path.Combine(files, "disk.qcow2");
        if (!File.Exists(disk)) return null;
        return new LocalImage(location, disk, IfThere(files, "kernel"), IfThere(files, "initrd"),
            EntryFiles.Read(Path.Combine(files, "cmdline")));
    }

    private static string? IfThere(string directory, string name) =>
        Path.Combine(directory, name) is var path && File.Exists(path) ? path : null;

    private async Task<LocalImage> BuildAsync(
        RecipeFolder recipe, string location, string arch, string entry, string temporary, ThrottledProgress progress, CancellationToken cancel)
    {
        EntryLock.CreatePrivate(temporary);
        var started = time.GetTimestamp();
        await RunOrInstallAsync(recipe, location, arch, temporary, progress, cancel);
        var built = time.GetUtcNow();
        // Each build has a directory of its own: an overlay on an earlier build must never find other bytes under its name.
        var name = $"{built:yyyyMMddHHmmss}-{Guid.NewGuid().ToString("N")[..8]}";
        Directory.Move(temporary, Path.Combine(entry, name));
        var info = new RecipeInfo(location, arch, built, Math.Round(time.GetElapsedTime(started).TotalSeconds, 1), name);
        await EntryFiles.WriteAsync(EntryFiles.RecipeInfo(entry), JsonSerializer.Serialize(info, ImageJson.Default.RecipeInfo), cancel);
        return Cached(location, entry)!;
    }

    private async Task RunOrInstallAsync(
        RecipeFolder recipe, string location, string arch, string directory, ThrottledProgress progress, CancellationToken cancel)
    {
        string[] arguments = ["--out", directory, "--arch", arch];
        var outcome = await RunAsync(recipe, location, arguments, progress, cancel);
        if (outcome.ExitCode == NeedsExitCode && Needs(outcome) is { Count: > 0 } packages)
        {
            if (!options.InstallPackages) throw PackagesMissing(location, packages);
            Empty(directory);
            outcome = await RunAsync(recipe, location, ["--install", .. arguments], progress, cancel);
            // A recipe may take --install as all there is to do.
            if (outcome.ExitCode == 0 && !HasDisk(directory)) outcome = await RunAsync(recipe, location, arguments, progress, cancel);
        }

        if (outcome.ExitCode != 0) throw Failed(location, $"exit code {outcome.ExitCode}", outcome.Errors);
        if (!HasDisk(directory)) throw Failed(location, "it made no `disk.qcow2`", outcome.Errors);
    }

    private async Task<BuildOutcome> RunAsync(
        RecipeFolder recipe, string location, IReadOnlyList<string> arguments, ThrottledProgress progress, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(options.BuildLimit, TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        await using var clock = new BuildClock(location, progress, time);
        try
        {
            return await BuildProcess.RunAsync(recipe.Build, arguments, clock.Line, options.BuildStopLimit, time, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw Failed(location, $"it did not end within {options.BuildLimit.TotalMinutes:0} minutes", new LineTail());
        }
    }

    private static bool HasDisk(string directory) =>
        new FileInfo(Path.Combine(directory, "disk.qcow2")) is { Exists: true, Length: > 0 };

    private static void Empty(string directory)
    {
        EntryFiles.DeleteTree(directory);
        EntryLock.CreatePrivate(directory);
    }

    /// <summary>The packages of a last line <c>needs: a b</c>, on either stream; words that are no package names are dropped.</summary>
    private static List<string> Needs(BuildOutcome outcome) =>
        [.. outcome.Errors.Lines.Concat(outcome.Output.Lines).Where(line => line.StartsWith("needs:", StringComparison.Ordinal))
            .SelectMany(line => line["needs:".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(word => PackageName().IsMatch(word)).Distinct(StringComparer.Ordinal)];

    private static DriverException PackagesMissing(string location, List<string> packages) => new(
        "recipe-needs", $"building {location}",
        $"{location} needs packages that are not installed: {string.Join(' ', packages)}",
        $"run `sudo apt-get install {string.Join(' ', packages)}` and try again");

    private static DriverException Failed(string location, string why, LineTail errors) => new(
        "recipe-failed", $"building {location}",
        errors.Lines.Count == 0 ? $"{location} failed: {why}" : $"{location} failed ({why}): {string.Join(" | ", errors.Lines.TakeLast(5))}",
        "correct what the last line says and try again");

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.:-]*\z")]
    private static partial Regex PackageName();
}
