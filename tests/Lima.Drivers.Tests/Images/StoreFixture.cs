using System.Collections.Concurrent;
using System.Security.Cryptography;
using Lima.Drivers.Images;
using Lima.Testing;

namespace Lima.Drivers.Tests.Images;

/// <summary>A cache directory, a share directory and progress that is remembered.</summary>
internal sealed class StoreFixture : IProgress<StepProgress>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<IDisposable> _stores = [];

    internal StoreFixture()
    {
        Options = new ImageStoreOptions
        {
            CacheDirectory = _directory["cache"],
            ShareDirectory = _directory["share"],
            FirstBackOff = TimeSpan.FromMilliseconds(10),
            BuildStopLimit = TimeSpan.FromSeconds(5),
            InstallPackages = false,
        };
    }

    internal ImageStoreOptions Options { get; set; }
    internal ConcurrentQueue<StepProgress> Progress { get; } = new();

    internal string this[string name] => _directory[name];

    internal ImageStore Store()
    {
        var store = new ImageStore(Options);
        _stores.Add(store);
        return store;
    }

    internal DownloadCache Downloads(TimeProvider? time = null)
    {
        var cache = new DownloadCache(Options, time);
        _stores.Add(cache);
        return cache;
    }

    internal string EntryOf(string url) => Path.Combine(
        Options.CacheDirectory, "download", "by-url-sha256", Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(url))));

    /// <summary>Writes a recipe whose <c>build</c> has <c>$OUT</c>, <c>$ARCH</c> and <c>$INSTALL</c> set.</summary>
    internal string Recipe(string name, string script)
    {
        var folder = Path.Combine(Options.ShareDirectory, "images", name);
        Directory.CreateDirectory(folder);
        var build = Path.Combine(folder, "build");
        File.WriteAllText(build, $$"""
            #!/bin/bash
            set -eu
            INSTALL=
            while [ $# -gt 0 ]; do
              case "$1" in
                --out) OUT=$2; shift 2 ;;
                --arch) ARCH=$2; shift 2 ;;
                --install) INSTALL=1; shift ;;
              esac
            done
            {{script}}

            """);
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        File.SetUnixFileMode(build, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }

    public void Report(StepProgress value) => Progress.Enqueue(value);

    public void Dispose()
    {
        foreach (var store in _stores) store.Dispose();
        _directory.Dispose();
    }

    internal static byte[] Noise(int bytes, int seed = 1)
    {
        var content = new byte[bytes];
#pragma warning disable CA5394 // Test data, no secret.
        new Random(seed).NextBytes(content);
#pragma warning restore CA5394
        return content;
    }

    internal static string Sha256(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
}

/// <summary>Real time whose timers fire at once; it remembers what was asked for.</summary>
internal sealed class ImpatientTime : TimeProvider
{
    internal ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero) Waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }
}
