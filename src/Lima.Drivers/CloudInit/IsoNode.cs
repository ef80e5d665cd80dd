using System.Text;

namespace Lima.Drivers.CloudInit;

/// <summary>A file or directory on its way into an ISO image.</summary>
internal sealed class IsoNode
{
    // Linux cuts longer Rock Ridge names, and does not say so.
    private const int NameBytesMax = 253;

    private readonly Dictionary<string, IsoNode> _byName = new(StringComparer.Ordinal);

    private IsoNode(string name, IsoNode? parent, IsoFile? file)
    {
        Name = Encoding.UTF8.GetBytes(name);
        Parent = parent ?? this;
        File = file;
    }

    /// <summary>Real name, UTF-8; empty for the root.</summary>
    public byte[] Name { get; }

    /// <summary>Directory that holds it; the root holds itself.</summary>
    public IsoNode Parent { get; }

    /// <summary>The file; null for a directory.</summary>
    public IsoFile? File { get; }

    /// <summary>True for a directory.</summary>
    public bool IsDirectory => File is null;

    /// <summary>Entries of a directory in the order that ISO 9660 wants: by <see cref="Identifier"/>.</summary>
    public IReadOnlyList<IsoNode> Children { get; private set; } = [];

    /// <summary>The short name for readers without Rock Ridge, unique in its directory, without the version that files get.</summary>
    public string Identifier { get; private set; } = "";

    /// <summary>First sector of its content.</summary>
    public int Sector { get; set; }

    /// <summary>Size of its content in bytes.</summary>
    public int Length { get; set; }

    /// <summary>Position in the path table, from 1; directories only.</summary>
    public int Number { get; set; }

    /// <summary>Builds the tree of directories that the files' paths imply.</summary>
    /// <exception cref="ArgumentException">A path is malformed or appears twice.</exception>
    public static IsoNode Tree(IEnumerable<IsoFile> files)
    {
        var root = new IsoNode("", null, null);
        foreach (var file in files) root.Add(file);
        root.Finish();
        return root;
    }

    /// <summary>This directory and all below it, the upper ones first, each level in order.</summary>
    public List<IsoNode> Directories()
    {
        List<IsoNode> found = [this];
        for (var i = 0; i < found.Count; i++) found.AddRange(found[i].Children.Where(child => child.IsDirectory));
        return found;
    }

    private void Add(IsoFile file)
    {
        var parts = file.Path.Split('/');
        var at = this;
        foreach (var (index, part) in parts.Index())
        {
            if (part is "" or "." or ".." || part.Contains('\0') || Encoding.UTF8.GetByteCount(part) > NameBytesMax)
                throw new ArgumentException($"`{file.Path}` is no path for an ISO image", nameof(file));
            var leaf = index == parts.Length - 1;
            if (!at._byName.TryGetValue(part, out var next))
                at._byName.Add(part, next = new IsoNode(part, at, leaf ? file : null));
            else if (leaf || !next.IsDirectory)
                throw new ArgumentException($"`{file.Path}` meets another file of that name in the ISO image", nameof(file));
            at = next;
        }
    }

    private void Finish()
    {
        // Named in the order of the real names, so that the result does not depend on the order of the list.
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, child) in _byName.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            child.Identifier = IsoIdentifier.For(name, child.IsDirectory, taken);
            child.Finish();
        }

        Children = [.. _byName.Values.OrderBy(child => child.Identifier, StringComparer.Ordinal)];
    }
}
