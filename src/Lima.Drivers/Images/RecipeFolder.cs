using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Lima.Drivers.Images;

/// <summary>A recipe: a folder with an executable <c>build</c> that makes an image on this machine.</summary>
/// <param name="Name">Its name in <c>recipe:NAME</c>.</param>
/// <param name="Directory">Absolute path of the folder.</param>
internal sealed partial record RecipeFolder(string Name, string Directory)
{
    internal const string Scheme = "recipe:";
    private const int MostFiles = 1000;
    private const int DeepestFolder = 16;

    /// <summary>Beside the recipes: what several of them use.</summary>
    private const string SharedFolder = "shared";

    /// <summary>In a recipe that builds on another one: its name.</summary>
    private const string FromFile = "from";

    /// <summary>The program that builds.</summary>
    internal string Build => Path.Combine(Directory, "build");

    /// <summary>Whether a location names a recipe.</summary>
    internal static bool Is(string location) => location.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>The recipe of a location.</summary>
    /// <exception cref="DriverException">The name is not valid, or there is no such recipe.</exception>
    internal static RecipeFolder Find(string share, string location)
    {
        var name = location[Scheme.Length..];
        if (!ValidName().IsMatch(name))
        {
            throw new DriverException("recipe-name", ImageErrors.Choosing,
                $"`{location}` is not a valid recipe name", "use lower case letters, digits, dots and hyphens after `recipe:`");
        }

        var found = new RecipeFolder(name, Path.Combine(share, "images", name));
        return File.Exists(found.Build) ? found : throw Missing(share, name);
    }

    /// <summary>Name of the cache entry: changes when any file of the recipe does, of the one it builds on, or of what recipes share.</summary>
    internal string KeyFor(string arch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var folder in Folders().Where(System.IO.Directory.Exists))
        {
            foreach (var path in FilesOf(folder))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(folder, path)}\n{FingerprintOf(path)}\n"));
            }
        }

        return $"{Name}-{arch}-{Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}";
    }

    private IEnumerable<string> Folders()
    {
        var recipes = Path.GetDirectoryName(Directory)!;
        yield return Directory;
        if (Path.Combine(Directory, FromFile) is var from && File.Exists(from) && File.ReadAllText(from).Trim() is var name && ValidName().IsMatch(name))
        {
            yield return Path.Combine(recipes, name);
        }

        yield return Path.Combine(recipes, SharedFolder);
    }

    /// <summary>A link counts by where it points: files meant for the guest may point at what this machine does not have.</summary>
    private static string FingerprintOf(string path) => new FileInfo(path).LinkTarget is { } target
        ? $"-> {target}"
        : Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static List<string> FilesOf(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, MaxRecursionDepth = DeepestFolder };
        var files = new FileSystemEnumerable<string>(folder, (ref entry) => entry.ToFullPath(), options)
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory || IsLink(ref entry),
            ShouldRecursePredicate = (ref entry) => !IsLink(ref entry),
        }.Take(MostFiles + 1).ToList();
        if (files.Count > MostFiles)
        {
            throw new DriverException("recipe-invalid", ImageErrors.Choosing,
                $"the recipe folder `{folder}` has more than {MostFiles} files", "keep only what the recipe needs there");
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static bool IsLink(ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) != 0;

    private static DriverException Missing(string share, string name)
    {
        var root = Path.Combine(share, "images");
        var known = System.IO.Directory.Exists(root)
            ? System.IO.Directory.EnumerateDirectories(root).Where(path => File.Exists(Path.Combine(path, "build")))
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToList()
            : [];
        return new DriverException("recipe-missing", ImageErrors.Choosing, $"there is no recipe `{name}` in `{root}`",
            known.Count > 0 ? $"use one of: {string.Join(", ", known)}" : "reinstall the product: its recipes are not there");
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.-]*\z")]
    private static partial Regex ValidName();
}
