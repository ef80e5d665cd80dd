using System.Text;
using Lima.Drivers.Files;

namespace Lima.Drivers.Images;

/// <summary>Names of the files of an entry, and how small ones are written: whole or not at all.</summary>
internal static class EntryFiles
{
    /// <summary>Prefix of directories that are being removed.</summary>
    internal const string RemovedPrefix = ".removed-";

    /// <summary>Where a URL is kept, by Lima's layout.</summary>
    internal static string DownloadRoot(string cache) => Path.Combine(cache, "download", "by-url-sha256");

    /// <summary>Where images built from recipes are kept.</summary>
    internal static string RecipeRoot(string cache) => Path.Combine(cache, "recipes");

    /// <summary>Where decompressed copies of the user's own files are kept.</summary>
    internal static string LocalRoot(string cache) => Path.Combine(cache, "local");

    internal static string Data(string entry) => Path.Combine(entry, "data");
    internal static string Url(string entry) => Path.Combine(entry, "url");
    internal static string Time(string entry) => Path.Combine(entry, "time");
    internal static string Type(string entry) => Path.Combine(entry, "type");
    internal static string ETag(string entry) => Path.Combine(entry, "etag");
    internal static string Digest(string entry, string algorithm) => Path.Combine(entry, $"{algorithm}.digest");
    internal static string Partial(string entry) => Path.Combine(entry, "data.partial");
    internal static string PartialInfo(string entry) => Path.Combine(entry, "data.partial.json");
    internal static string RecipeInfo(string entry) => Path.Combine(entry, "recipe.json");

    /// <summary>Directory name for a URL or path.</summary>
    internal static string KeyOf(string location) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(location)));

    /// <summary>A small file's text without surrounding blanks; empty when it is not there.</summary>
    internal static string Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[16 << 10];
            return Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)).Trim();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
    }

    /// <summary>Writes a small file so that a reader finds the old text or the new one, also after a power cut.</summary>
    internal static void Write(string path, string text) =>
        AtomicFile.Write(path, text, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

    /// <summary>Deletes a directory as far as that goes; what cannot be deleted is left for a later sweep.</summary>
    internal static void DeleteTree(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Gone already, or a dying process still writes there.
        }
    }
}
