using Lima.Actors.Tests.Support;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Drivers;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>Edit, clone, rename and factory reset, on real directories.</summary>
public sealed class ErrandTests(ITestOutputHelper output) : ActorSpec(output)
{
    [Fact]
    public async Task An_edit_is_stored_first_and_then_written()
    {
        var id = (await CreateAsync("web")).Id;
        var view = await DoAsync("web", Say.Edit);
        Assert.Equal(VmIntent.Editing, view.State.Intent);
        await UntilAsync("web", s => s.Intent == VmIntent.None);
        Assert.Equal("images: []\n# edited\n", await File.ReadAllTextAsync(Directory("web").LimaYaml));
        Assert.Equal(["Created", "EditRequested", "Edited"], World.EventsOf(id));
    }

    [Fact]
    public async Task An_edit_that_cannot_be_written_leaves_the_old_text_and_says_why()
    {
        await CreateAsync("web");
        System.IO.Directory.Move(Directory("web").Path, World.Home.Path + "/_aside");
        await DoAsync("web", Say.Edit);
        var state = await UntilAsync("web", s => s.Cause is not null);
        Assert.Equal((VmCauses.EditFailed, VmIntent.None), (state.Cause!.Code, state.Intent));
        Assert.Equal("images: []\n", await File.ReadAllTextAsync(World.Home.Path + "/_aside/lima.yaml"));
    }

    [Fact]
    public async Task A_clone_has_the_files_an_identity_of_its_own_and_a_history_that_says_so()
    {
        await CreateAsync("web");
        await File.WriteAllTextAsync(Directory("web").Disk, "disk of web");
        var cloneId = Guid.NewGuid();
        await DoAsync("web", Say.Clone(cloneId, "copy"));
        var id = VmId.From(cloneId);
        await UntilAsync("copy", s => s.Phase == VmPhase.Stopped);
        Assert.Equal("disk of web", await File.ReadAllTextAsync(Directory("copy").Disk));
        Assert.Equal(id, World.Views.Views["copy"].Id);
        Assert.NotEqual(id, World.Views.Views["web"].Id);
        await EventuallyAsync(() => Assert.Equal("cloned", Assert.IsType<Domain.Vms.Messages.VmEvents.Created>(World.StoredOf(id)[0]).Origin));
        await UntilAsync("web", s => s.Intent == VmIntent.None);
        // Made by the preparer in earnest: a copy has no keys of the original.
        Assert.False(File.Exists(Directory("copy").SshHostKey + ".pub"));
        await File.WriteAllTextAsync(Directory("copy").SshHostKey + ".pub", "ssh-ed25519 AAAA");
        await DoAsync("copy", Say.Start);
        await UntilAsync("copy", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task No_clone_takes_a_name_that_is_taken()
    {
        await CreateAsync("web");
        await CreateAsync("other");
        await DoAsync("web", Say.Clone(Guid.NewGuid(), "other"));
        var state = await UntilAsync("web", s => s.Cause is not null);
        Assert.Equal(("instance-exists", "instance `other` already exists"), (state.Cause!.Code, state.Cause.Message));
        Assert.Empty(System.IO.Directory.EnumerateDirectories(World.Home.HostDirectory, "new-*"));
    }

    [Fact]
    public async Task While_it_is_cloned_every_command_waits()
    {
        await CreateAsync("web");
        var gate = new TaskCompletionSource();
        World.Files.Before = _ => gate.Task;
        await DoAsync("web", Say.Clone(Guid.NewGuid(), "copy"));
        var refused = Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Start));
        Assert.Equal("instance `web` is being cloned", refused.Error.Message);
        gate.SetResult();
        await UntilAsync("web", s => s.Intent == VmIntent.None);
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task A_renamed_VM_keeps_its_identity_answers_to_the_new_name_and_starts()
    {
        var id = (await CreateAsync("web")).Id;
        await DoAsync("web", Say.Rename("shop"));
        await UntilAsync("shop", s => s.Intent == VmIntent.None);
        Assert.False(System.IO.Directory.Exists(Directory("web").Path));
        await World.ScanAsync();
        Assert.Equal("instance-not-found", Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Start)).Error.Code);
        await DoAsync("shop", Say.Start);
        await UntilAsync("shop", s => s.Phase == VmPhase.Running);
        Assert.Equal(id, World.Views.Views["shop"].Id);
        Assert.Equal(["shop"], World.Views.Views.Keys);
    }

    [Fact]
    public async Task A_reset_ends_the_guest_and_leaves_the_configuration_alone()
    {
        var (id, guest) = await RunningAsync();
        await File.WriteAllTextAsync(Directory("web").Disk, "disk");
        await File.WriteAllTextAsync(Directory("web").Path + "/more.yml", "x: 1\n");
        System.IO.Directory.CreateDirectory(Directory("web").Path + "/sock");
        await DoAsync("web", Say.FactoryReset);
        await UntilAsync("web", s => s is { Phase: VmPhase.Stopped, Intent: VmIntent.None });
        Assert.True(guest.Kills > 0);
        Assert.Equal(
            ["lima-version", "lima.yaml", "more.yml", "vm-id"],
            System.IO.Directory.EnumerateFileSystemEntries(Directory("web").Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
        Assert.Equal(id, World.Views.Views["web"].Id);
    }

    [Fact]
    public async Task What_fails_without_a_word_of_its_own_still_ends_the_errand()
    {
        await CreateAsync("web");
        World.Files.Before = _ => throw new InvalidOperationException("a defect");
        await DoAsync("web", Say.Clone(Guid.NewGuid(), "copy"));
        var state = await UntilAsync("web", s => s.Cause is not null);
        Assert.Equal((VmCauses.CloneFailed, "a defect"), (state.Cause!.Code, state.Cause.Message));
    }

    [Fact]
    public async Task An_edit_that_cannot_be_stored_is_not_written()
    {
        await CreateAsync("web");
        await Journal.OnWrite.Fail();
        Assert.Equal("journal-unavailable", Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Edit)).Error.Code);
        await Journal.OnWrite.Pass();
        Assert.Equal("images: []\n", await File.ReadAllTextAsync(Directory("web").LimaYaml));
    }

    private Drivers.Instances.InstanceDirectory Directory(string name) => World.Home.Instance(VmName.Parse(name));
}
