using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Mounts;

/// <summary>What a round is about.</summary>
/// <param name="Id">The VM.</param>
/// <param name="Directory">Its files.</param>
/// <param name="User">The guest's user.</param>
/// <param name="Session">A session with the guest.</param>
/// <param name="Wanted">Every mount that is to be there, outer ones first.</param>
/// <param name="Kept">What came of the last round; empty before the first.</param>
public sealed record MountRoundInput(
    VmId Id, InstanceDirectory Directory, UserSpec User, ISshSession Session, ImmutableArray<WantedMount> Wanted, ImmutableArray<KeptMount> Kept);

/// <summary>
/// Compares what the guest has mounted with what it should have and mends what differs: one look at its mount table for all
/// of them, then one mount after the other. It begins from whatever there is, so it can be run again at any time.
/// </summary>
public sealed class MountRound(IReadOnlyList<IMountTransport> transports)
{
    // Where the user named no way: the first of these that the machine offers and the guest can do.
    private static readonly ImmutableArray<MountType> Preference = [MountType.Virtiofs, MountType.NineP, MountType.ReverseSshfs];
    private static readonly ImmutableArray<string> OurTypes = ["9p", "virtiofs", "fuse.sshfs", "fuse"];

    /// <summary>Runs one; what is in <see cref="MountRoundInput.Kept"/> and not in the answer has been disposed.</summary>
    /// <returns>Every wanted mount, in the order given; those that could not be mended say why.</returns>
    /// <exception cref="DriverException">The guest cannot be looked at; nothing was changed.</exception>
    public async Task<ImmutableArray<KeptMount>> RunAsync(MountRoundInput input, CancellationToken cancel)
    {
        var table = await GuestShell.TableAsync(input.Session, cancel);
        foreach (var kept in input.Kept.Where(kept => !input.Wanted.Contains(kept.Wanted))) await RemoveAsync(input, kept, table, cancel);
        var after = ImmutableArray.CreateBuilder<KeptMount>();
        var changed = false;
        foreach (var wanted in input.Wanted)
        {
            var before = input.Kept.FirstOrDefault(kept => kept.Wanted == wanted);
            var row = MountTable.At(table, wanted.Spec.MountPoint);
            if (before is { IsUp: true } && row is not null && Fits(before.Type, wanted.Spec, row))
            {
                after.Add(before);
                continue;
            }

            changed = true;
            after.Add(await MendAsync(input, wanted, before, row, cancel));
        }

        return changed ? Checked(after, await GuestShell.TableAsync(input.Session, cancel)) : after.ToImmutable();
    }

    private IMountTransport? Get(MountType? type) => transports.FirstOrDefault(transport => transport.Type == type);

    private bool Fits(MountType? type, MountSpec mount, GuestMount row) => Get(type)?.Fits(mount, row) == true;

    private static async Task RemoveAsync(MountRoundInput input, KeptMount kept, ImmutableArray<GuestMount> table, CancellationToken cancel)
    {
        if (kept.Live is { } live) await live.DisposeAsync();
        var point = kept.Wanted.Spec.MountPoint;
        if (MountTable.At(table, point) is { } row && OurTypes.Contains(row.FsType)) await GuestShell.UnmountAsync(input.Session, row, cancel);
    }

    private async Task<KeptMount> MendAsync(MountRoundInput input, WantedMount wanted, KeptMount? before, GuestMount? row, CancellationToken cancel)
    {
        if (before?.Live is { } old) await old.DisposeAsync();
        var request = new MountRequest(input.Id, input.Directory, wanted.Spec, input.User, input.Session);
        VmCause? problem = null;
        MountType? tried = null;
        var isLost = false;
        foreach (var transport in Ways(input, wanted))
        {
            // The last resort stands behind a way that the user named only when that one is lost until the next start.
            if (tried is not null && wanted.Type is not null && !isLost) break;
            tried = transport.Type;
            try
            {
                if (row is not null && transport.Fits(wanted.Spec, row) && await transport.AdoptAsync(request, cancel) is { } adopted)
                    return new KeptMount(wanted, transport.Type, adopted, Note: Note(problem));
                // Something else that is mounted there is the guest's own; then the mount goes on top, as in its fstab.
                if (row is not null && OurTypes.Contains(row.FsType)) await GuestShell.UnmountAsync(input.Session, row, cancel);
                row = null;
                return new KeptMount(wanted, transport.Type, await transport.MountAsync(request, cancel), Note: Note(problem));
            }
            catch (DriverException e)
            {
                problem = e.Cause;
                isLost = e.Cause.Code == MountErrors.Lost;
                if (e.Cause.Code is not (MountErrors.Unsupported or MountErrors.Lost)) break;
            }
        }

        return new KeptMount(wanted, tried ?? wanted.Type, null, problem ?? NoWay(wanted));
    }

    private IEnumerable<IMountTransport> Ways(MountRoundInput input, WantedMount wanted)
    {
        var types = wanted.Type is { } chosen ? [chosen, MountType.ReverseSshfs] : Preference;
        return types.Distinct().Select(type => Get(type)).OfType<IMountTransport>()
            .Where(transport => transport.Type == wanted.Type || transport.IsOffered(input.Id, input.Directory, wanted.Spec));
    }

    private ImmutableArray<KeptMount> Checked(IEnumerable<KeptMount> mounts, ImmutableArray<GuestMount> table) =>
        [.. mounts.Select(kept => !kept.IsUp || (MountTable.At(table, kept.Wanted.Spec.MountPoint) is { } row && Fits(kept.Type, kept.Wanted.Spec, row))
            ? kept
            : kept with { Problem = MountErrors.Because("the guest says that it has mounted it, but its mount table does not show it so").Cause })];

    private static string Note(VmCause? problem) => problem is null ? "" : $"another way was taken: {problem.Message}";

    private static VmCause NoWay(WantedMount wanted) => MountErrors.CannotBe(
        $"there is no way to mount it{(wanted.Type is { } type ? $" by {MountTypes.Word(type)}" : "")}", "choose another `mountType`").Cause;
}
