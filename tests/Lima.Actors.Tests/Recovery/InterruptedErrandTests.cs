using Lima.Actors.Tests.Support;
using Lima.Domain.Vms;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Recovery;

/// <summary>Work on the files of an instance, cut short at each point between what is stored and what is done.</summary>
public sealed class InterruptedErrandTests(ITestOutputHelper output) : RecoverySpec(output)
{
    private static readonly string[] Points =
    [
        "stored:EditRequested", "before:WriteConfiguration", "received:Edited", "stored:Edited",
        "stored:CloneRequested", "before:CloneInstance", "received:Cloned", "stored:Cloned",
        "stored:RenameRequested", "before:RenameInstance", "received:Renamed", "stored:Renamed",
        "stored:FactoryResetRequested", "before:KillQemu", "before:ResetInstance", "received:FactoryReset", "stored:FactoryReset",
    ];

    public static TheoryData<string, bool> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, bool>();
            foreach (var point in Points)
            {
                cuts.Add(point, false);
                cuts.Add(point, true);
            }

            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task All_of_it_is_done_in_the_end_and_once(string point, bool wholeHost)
    {
        Arm(point, wholeHost);
        var (cloneId, id) = (Guid.NewGuid(), await InsistOnCreateAsync("web"));
        await InsistAsync("web", Say.Edit);
        await ReachAsync(() => File.ReadAllText(Directory("web").LimaYaml) == "images: []\n# edited\n");
        await ReachAsync("web", s => s.Intent == VmIntent.None);
        await File.WriteAllTextAsync(Directory("web").Disk, "disk of web");

        await InsistAsync("web", Say.Clone(cloneId, "copy"));
        await ReachAsync(() => System.IO.Directory.Exists(Directory("copy").Path));
        await ReachAsync("web", s => s.Intent == VmIntent.None);
        await World.ScanAsync();
        await ReachAsync("copy", s => s.Phase == VmPhase.Stopped);
        Assert.Equal("disk of web", await File.ReadAllTextAsync(Directory("copy").Disk));
        Assert.Equal(VmId.From(cloneId), World.Views.Views["copy"].Id);

        await InsistAsync("web", Say.Rename("shop"));
        await ReachAsync("shop", s => s.Intent == VmIntent.None);
        await World.ScanAsync();
        await InsistAsync("shop", Say.Start);
        await ReachAsync("shop", s => s.Phase == VmPhase.Running);

        await InsistAsync("shop", Say.FactoryReset);
        await ReachAsync(() => !File.Exists(Directory("shop").Disk));
        await ReachAsync("shop", s => s is { Phase: VmPhase.Stopped, Intent: VmIntent.None });
        Assert.True(File.Exists(Directory("shop").LimaYaml));
        Assert.Equal((id, 0), (World.Views.Views["shop"].Id, World.Files.Overlaps));
        AssertNoHarm();

        // And it stays so.
        await World.RestartAsync();
        Assert.Equal(["copy", "shop"], World.Views.Views.Keys);
        Assert.Empty(System.IO.Directory.EnumerateDirectories(World.Home.HostDirectory));
    }

    [Fact]
    public async Task A_copy_that_is_under_way_when_the_host_ends_is_made_anew_and_never_seen_by_halves()
    {
        Arm("received:Cloned", wholeHost: false);
        await InsistOnCreateAsync("web");
        await File.WriteAllTextAsync(Directory("web").Disk, "disk of web");
        World.Files.Before = cancel => Task.Delay(Timeout.Infinite, cancel);
        await InsistAsync("web", Say.Clone(Guid.NewGuid(), "copy"));
        await ReachAsync(() => World.Files.Calls == 1);
        await World.StopAsync();
        Assert.False(System.IO.Directory.Exists(Directory("copy").Path));
        World.Files.Before = _ => Task.CompletedTask;
        await World.RestartedAsync();
        await ReachAsync("copy", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, World.Files.Overlaps);
    }

    private Drivers.Instances.InstanceDirectory Directory(string name) => World.Home.Instance(VmName.Parse(name));
}
