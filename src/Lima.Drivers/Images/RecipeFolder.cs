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
    private const int DeepestFolder = 8;

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

    /// <summary>Name of the cache entry: changes when any file of the recipe does.</summary>
    internal string KeyFor(string arch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Files())
        {
            var content = SHA256.HashData(File.ReadAllBytes(path));
            var relative = Path.GetRelativePath(Directory, path);
            hash.AppendData(Encoding.UTF8.GetBytes($"{relative}\n{Convert.ToHexStringLower(content)}\n"));
        }

        return $"{Name}-{arch}-{Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}";
    }

    private List<string> Files()
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true, MaxRecursionDepth = DeepestFolder, AttributesToSkip = FileAttributes.None,
        };
        var files = System.IO.Directory.EnumerateFiles(Directory, "*", options).Take(MostFiles + 1).ToList();
        if (files.Count > MostFiles)
        {
            throw new DriverException("recipe-invalid", ImageErrors.Choosing,
                $"the recipe folder `{Directory}` has more than {MostFiles} files", "keep only what the recipe needs there");
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

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
