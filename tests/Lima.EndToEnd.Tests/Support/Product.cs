using Lima.Testing;

namespace Lima.EndToEnd.Tests.Support;

/// <summary>The product's tree as <c>./build.sh</c> makes it: what these tests drive, as a user would.</summary>
internal static class Product
{
    private static readonly Lazy<string?> Tree = new(FindTree);

    /// <summary>Root of the tree.</summary>
    public static string Path => Tree.Value ?? throw new InvalidOperationException(Problem);

    /// <summary><c>limactl</c>.</summary>
    public static string Limactl => System.IO.Path.Combine(Path, "bin", "limactl");

    /// <summary><c>lima</c>.</summary>
    public static string Lima => System.IO.Path.Combine(Path, "bin", "lima");

    /// <summary><c>lima-host</c>.</summary>
    public static string Host => System.IO.Path.Combine(Path, "libexec", "lima", "lima-host");

    /// <summary>Why the tests cannot run here; null when they can.</summary>
    public static string? Problem => Tree.Value is null
        ? "there is no `out/bin/limactl`: run `./build.sh` first (or set LIMA_OUT)"
        : Need.Which("qemu-system-x86_64") is null ? "`qemu-system-x86_64` is not installed"
        : Need.Which("ssh") is null ? "`ssh` is not installed"
        : null;

    /// <summary>Whether what is missing is a failure: where everything is supposed to be there.</summary>
    public static bool MustRun => Environment.GetEnvironmentVariable("CI") is "true" or "1";

    private static string? FindTree()
    {
        if (Environment.GetEnvironmentVariable("LIMA_OUT") is { Length: > 0 } given) return HasProduct(given) ? System.IO.Path.GetFullPath(given) : null;
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(System.IO.Path.Combine(at.FullName, "LimaActors.sln"))) continue;
            var tree = System.IO.Path.Combine(at.FullName, "out");
            return HasProduct(tree) ? tree : null;
        }

        return null;
    }

    private static bool HasProduct(string tree) => File.Exists(System.IO.Path.Combine(tree, "bin", "limactl"));
}

/// <summary>A test of the built product; skipped aloud where that or QEMU is missing, and failed in CI.</summary>
internal sealed class ProductFactAttribute : FactAttribute
{
    public ProductFactAttribute() => Skip = ProductSkip.Reason;
}

/// <summary>The same with data.</summary>
internal sealed class ProductTheoryAttribute : TheoryAttribute
{
    public ProductTheoryAttribute() => Skip = ProductSkip.Reason;
}

internal static class ProductSkip
{
    private static bool s_said;

    /// <summary>Null when the tests are to run, be it to fail.</summary>
    public static string? Reason
    {
        get
        {
            if (Product.Problem is not { } problem || Product.MustRun) return null;
            if (!s_said) Console.WriteLine($"SKIP: {problem}");
            s_said = true;
            return $"SKIP: {problem}";
        }
    }
}
