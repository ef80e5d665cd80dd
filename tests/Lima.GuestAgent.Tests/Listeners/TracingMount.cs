using System.Diagnostics;
using Lima.Testing;

namespace Lima.GuestAgent.Tests.Listeners;

/// <summary>A place where the agent may mount the kernel's tracing, so that it does not do so where the machine has its own.</summary>
internal sealed class TracingMount : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public TracingMount() => Directory.CreateDirectory(Path);

    public string Path => _directory["tracing"];

    public void Dispose()
    {
        if (Directory.EnumerateFileSystemEntries(Path).Any())
        {
            using var unmount = Process.Start("umount", Path);
            Assert.True(unmount.WaitForExit(60_000));
            Assert.Equal(0, unmount.ExitCode);
        }

        _directory.Dispose();
    }
}
